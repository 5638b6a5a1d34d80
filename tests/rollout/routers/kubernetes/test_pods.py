"""Shares as numbers of pods."""

from __future__ import annotations

import pytest

from rollout.routers.kubernetes.pods import Pods, nearest, possible_text, target, total_pods


@pytest.mark.parametrize(
    ("percent", "total", "stable", "canary"),
    [
        (0, 4, 4, 0),
        (5, 4, 3, 1),  # not 0: a stage without canary judges nothing
        (25, 4, 3, 1),
        (50, 4, 2, 2),
        (99, 4, 1, 3),  # not 4: all of it is the last stage
        (100, 4, 0, 4),
        (5, 100, 95, 5),
        (30, 10, 7, 3),
        (0, 1, 1, 0),
        (100, 1, 0, 1),
        (70, 1, 0, 1),  # a single pod cannot be shared
        (30, 1, 1, 0),
    ],
)
def test_whole_pods(percent: float, total: int, stable: int, canary: int) -> None:
    assert target(percent, total) == Pods(stable=stable, canary=canary)
    assert nearest(percent, total) == 100 * canary / total


@pytest.mark.parametrize(
    ("percent", "total", "expected"),
    [
        (
            5,
            4,
            "5 % of 4 pods is not possible (0, 25, 50, 75 and 100 % are): it becomes 25 %",
        ),
        (5, 12, "5 % of 12 pods is not possible (multiples of 8.333 % are): it becomes 8.333 %"),
        (50, 4, ""),
        (5, 20, ""),
    ],
)
def test_what_is_possible_is_said(percent: float, total: int, expected: str) -> None:
    assert possible_text(percent, total) == expected


@pytest.mark.parametrize(
    ("now", "recorded", "configured", "expected", "why"),
    [
        (Pods(stable=4, canary=0), 0, 0, 4, "before a rollout"),
        (Pods(stable=4, canary=1), 4, 0, 4, "killed between scaling up and scaling down"),
        (Pods(stable=3, canary=1), 0, 0, 4, "nothing recorded"),
        (Pods(stable=0, canary=8), 4, 0, 8, "what is recorded is of an earlier rollout"),
        (Pods(stable=4, canary=1), 4, 6, 6, "the user says so"),
        (Pods(stable=0, canary=0), 4, 0, 0, "nothing to share"),
    ],
)
def test_the_total(now: Pods, recorded: int, configured: int, expected: int, why: str) -> None:
    assert total_pods(now, recorded=recorded, configured=configured) == expected, why


def test_no_pods_have_no_share() -> None:
    assert Pods(stable=0, canary=0).canary_percent == 0
