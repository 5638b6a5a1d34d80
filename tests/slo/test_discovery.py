"""The test of pairs and the control of false discoveries, held against scipy and against chance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from slo.discovery import Dependence, adjusted, reachable, sign_p_value

METHODS = {Dependence.INDEPENDENT: "bh", Dependence.ANY: "by"}


@pytest.mark.parametrize("first", [0, 1, 2, 3, 10, 500, 10_000])
@pytest.mark.parametrize("second", [0, 1, 7, 480, 9_900])
def test_the_sign_test_is_scipys(first: int, second: int) -> None:
    expected = (
        stats.binomtest(first, first + second, 0.5, alternative="greater").pvalue
        if first + second
        else 1.0
    )
    assert sign_p_value(first, second) == pytest.approx(expected, rel=1e-8, abs=1e-300)


@pytest.mark.parametrize("dependence", Dependence)
@settings(deadline=None)
@given(st.lists(st.floats(min_value=0, max_value=1), min_size=1, max_size=40))
def test_adjusted_values_are_scipys(dependence: Dependence, p_values: list[float]) -> None:
    expected = stats.false_discovery_control(p_values, method=METHODS[dependence])
    assert adjusted(p_values, dependence) == pytest.approx(list(expected), rel=1e-12)


def test_nothing_is_nothing() -> None:
    assert adjusted(()) == ()


def test_discoveries_among_dependent_fields_are_seldom_false() -> None:
    """20 fields, 4 of them different, all of them carried by the same pairs: q = 5 % holds."""
    rng = np.random.default_rng(6)
    false, found = [], []
    for _ in range(60):
        shared = rng.random(200) < 0.5  # whole pairs are noisy or not: fields depend on each other
        p_values = []
        for field in range(20):
            chance = np.where(shared, 0.6, 0.02)
            canary = (rng.random(200) < chance) | (rng.random(200) < (0.25 if field < 4 else 0))
            baseline = rng.random(200) < chance
            p_values.append(
                sign_p_value(int((canary & ~baseline).sum()), int((baseline & ~canary).sum()))
            )
        discoveries = [each <= 0.05 for each in adjusted(p_values)]
        false.append(sum(discoveries[4:]) / max(1, sum(discoveries)))
        found.append(sum(discoveries[:4]) / 4)
    assert np.mean(false) <= 0.05
    assert np.mean(found) > 0.5


@pytest.mark.parametrize(
    ("least", "expected"),
    [
        ([], []),
        ([0.5], [False]),
        ([0.04], [True]),
        ([0.04, 0.04], [False, False]),  # two at 0.05 / 2 each: neither can
        ([0.02, 0.02], [True, True]),
        ([0.02, 0.02, 0.5, 0.5, 0.5], [True, True, False, False, False]),
        ([0.001, 0.04], [True, False]),
    ],
)
def test_what_cannot_be_found_is_not_looked_for(least: list[float], expected: list[bool]) -> None:
    assert list(reachable(least, 0.05)) == expected


@settings(deadline=None)
@given(st.lists(st.floats(min_value=1e-9, max_value=1), max_size=30))
def test_those_that_are_looked_for_can_reach_their_level(least: list[float]) -> None:
    kept = reachable(least, 0.05)
    assert all(
        each <= 0.05 / sum(kept) for each, is_kept in zip(least, kept, strict=True) if is_kept
    )
