"""The time limit of a change that takes several calls."""

from __future__ import annotations

from rollout.routers.kubernetes.patience import Patience


def test_a_change_has_one_limit_over_all_its_calls() -> None:
    patience = Patience(limit_s=10)
    assert [patience.left_s(50, now_s) for now_s in (100, 104, 110, 120)] == [10, 6, 0, 0]


def test_another_change_begins_anew() -> None:
    """A rollback does not inherit what a stage has used up."""
    patience = Patience(limit_s=10)
    patience.left_s(50, 100)
    assert patience.left_s(0, 109) == 10
    assert patience.left_s(50, 109) == 10


def test_the_same_weight_has_all_the_time_again_once_it_was_done() -> None:
    patience = Patience(limit_s=10)
    patience.left_s(50, 100)
    patience.end()
    assert patience.left_s(50, 109) == 10
