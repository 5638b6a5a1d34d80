"""What a row of stages must be."""

from __future__ import annotations

import pytest

from rollout.progressive.stage import DEFAULT_STAGES, Stage, stage_problems


def _stages(*percentages: float) -> list[Stage]:
    return [
        Stage(name=f"{number}", percentage=percentage, duration_s=1)
        for number, percentage in enumerate(percentages)
    ]


def test_the_default_is_the_guides_table() -> None:
    table = [(stage.percentage, stage.duration_s / 60) for stage in DEFAULT_STAGES]
    assert table == [(5, 5), (25, 10), (50, 15), (100, 5)]
    assert stage_problems(DEFAULT_STAGES) == []


@pytest.mark.parametrize(
    ("percentages", "problem"),
    [
        ((), "found no stage"),
        ((5, 50), "found 50 % in the last stage, expected 100"),
        ((50, 5, 100), "found 5 % after 50 %"),
    ],
)
def test_a_row_that_cannot_be_one(percentages: tuple[float, ...], problem: str) -> None:
    assert any(problem in found for found in stage_problems(_stages(*percentages)))


def test_two_holds_of_one_weight_are_two_stages() -> None:
    assert stage_problems(_stages(50, 50, 100)) == []


def test_names_tell_stages_apart() -> None:
    twice = [Stage(name="a", percentage=100, duration_s=1)] * 2
    assert stage_problems(twice) == ["found the name 'a' twice, expected names that differ"]
