"""When counts prove a split: against scipy's intervals, and at the two ends."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scipy import stats

from rollout.routers.router import Served
from rollout.split import SplitState, enough, judge_split, since

PROVEN, REFUTED, UNDECIDED = SplitState


@pytest.mark.parametrize(
    ("wanted_percent", "stable", "canary", "expected"),
    [
        (0, 299, 0, PROVEN),  # the rule of three: 1 - 0.05^(1/299) is just below 1 %
        (0, 298, 0, UNDECIDED),
        (0, 10_000, 1, REFUTED),
        (0, 0, 0, UNDECIDED),
        (100, 0, 299, PROVEN),
        (100, 1, 10_000, REFUTED),
        (5, 950, 50, PROVEN),
        (5, 1000, 0, REFUTED),  # the change was ignored
        (5, 900, 100, REFUTED),
        (5, 475, 25, UNDECIDED),
        (50, 350, 350, PROVEN),
        (50, 700, 300, REFUTED),
        (1, 2970, 30, PROVEN),
        (1, 3000, 0, REFUTED),
    ],
)
def test_counts_decide(wanted_percent: float, stable: int, canary: int, expected: str) -> None:
    split = judge_split(wanted_percent, Served(stable=stable, canary=canary))
    assert split.state == expected
    assert split.n == stable + canary


@pytest.mark.parametrize(("stable", "canary"), [(950, 50), (1, 9), (300, 700)])
def test_between_the_ends_the_interval_is_wilsons(stable: int, canary: int) -> None:
    split = judge_split(20, Served(stable=stable, canary=canary))
    expected = stats.binomtest(canary, stable + canary).proportion_ci(0.99, method="wilson")
    assert (split.interval.low, split.interval.high) == pytest.approx(
        (100 * expected.low, 100 * expected.high)
    )


@pytest.mark.parametrize("n", [1, 20, 299, 5000])
def test_at_the_ends_the_interval_is_exact_and_one_sided(n: int) -> None:
    exact = stats.binomtest(0, n, alternative="less").proportion_ci(0.95, method="exact")
    none = judge_split(0, Served(stable=n, canary=0)).interval
    everything = judge_split(100, Served(stable=0, canary=n)).interval
    assert (none.low, none.high) == pytest.approx((0, 100 * exact.high))
    assert (everything.low, everything.high) == pytest.approx((100 - 100 * exact.high, 100))


def test_a_right_split_is_refuted_in_one_of_a_hundred_windows() -> None:
    wanted_percent, n = 5.0, enough(5)
    refuted = sum(
        stats.binom.pmf(canary, n, wanted_percent / 100)
        for canary in range(n + 1)
        if judge_split(wanted_percent, Served(stable=n - canary, canary=canary)).state == REFUTED
    )
    assert 0.005 < refuted < 0.02


def test_twice_the_wanted_part_is_hardly_ever_called_proven() -> None:
    n = enough(5)
    proven = sum(
        stats.binom.pmf(canary, n, 0.10)
        for canary in range(n + 1)
        if judge_split(5, Served(stable=n - canary, canary=canary)).state == PROVEN
    )
    assert proven < 0.05


def test_readings_are_differenced() -> None:
    before, after = Served(stable=100, canary=5), Served(stable=150, canary=7)
    assert since(before, after) == Served(stable=50, canary=2)


def test_counters_that_began_anew_count_from_there() -> None:
    assert since(Served(stable=100, canary=5), Served(stable=3, canary=9)) == Served(
        stable=3, canary=9
    )


def test_the_evidence_is_a_sentence() -> None:
    assert judge_split(5, Served(stable=95, canary=5)).text == (
        "5 of 100 requests went to the canary (5 %, 1.68 to 13.9 %), 5 % wanted: "
        f"undecided (it takes {enough(5)} requests)"
    )


def test_the_evidence_says_by_what_and_how_fast() -> None:
    split = replace(
        judge_split(0, Served(stable=300, canary=0)), source="the header X-Version", seconds=0.25
    )
    assert split.text == (
        "0 of 300 requests went to the canary (0 %, 0 to 0.994 %), 0 % wanted, by the header "
        "X-Version within 0.2 s: proven"
    )
