"""The schedule as a value: what it refuses, and levels and areas worked out by hand."""

from __future__ import annotations

import math

import pytest

from loadgen.errors import ConfigError
from loadgen.schedule import Point, Schedule

PAUSE = Schedule(
    points=((0.0, 10.0), (10.0, 10.0), (10.0, 0.0), (20.0, 0.0), (20.0, 50.0), (40.0, 0.0))
)
"""10 until 10 s, nothing until 20 s, then from 50 down to 0 at 40 s."""


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ((), "stages: none given; expected for example 0:100,30s:1000,2m:1000"),
        (((-1.0, 5.0),), "stages: -1s:5 is out of range; expected times and levels of 0 or more"),
        (((1.0, -5.0),), "stages: 1s:-5 is out of range; expected times and levels of 0 or more"),
        (
            ((0.0, math.nan),),
            "stages: 0s:nan is out of range; expected times and levels of 0 or more",
        ),
        (
            ((math.inf, 1.0),),
            "stages: infs:1 is out of range; expected times and levels of 0 or more",
        ),
        (((30.0, 1.0), (20.0, 1.0)), "stages: 20s comes after 30s; expected times that go up"),
    ],
)
def test_points_that_are_no_schedule_are_refused(points: tuple[Point, ...], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Schedule(points=points)
    assert caught.value.problems == (said,)


@pytest.mark.parametrize(
    ("at_s", "level", "area"),
    [
        (0.0, 10.0, 0.0),
        (5.0, 10.0, 50.0),
        (10.0, 0.0, 100.0),
        (15.0, 0.0, 100.0),
        (20.0, 50.0, 100.0),
        (30.0, 25.0, 475.0),
        (40.0, 0.0, 600.0),
        (1000.0, 0.0, 600.0),
    ],
)
def test_level_and_area_over_a_pause(at_s: float, level: float, area: float) -> None:
    assert PAUSE.level(at_s) == pytest.approx(level)
    assert PAUSE.area(at_s) == pytest.approx(area)


def test_the_area_between_two_times_is_the_difference_of_their_areas() -> None:
    assert PAUSE.area(30, 5) == pytest.approx(425)
    assert PAUSE.area(7, 7) == 0


def test_before_the_first_point_its_level_holds() -> None:
    late = Schedule(points=((10.0, 3.0), (20.0, 5.0)))
    assert late.level(0) == 3
    assert late.area(10) == pytest.approx(30)


def test_the_last_of_several_points_at_one_time_holds() -> None:
    jumps = Schedule(points=((0.0, 1.0), (0.0, 2.0), (5.0, 2.0), (5.0, 9.0), (5.0, 4.0)))
    assert jumps.level(0) == 2
    assert jumps.level(5) == 4


def test_a_constant_level_holds_for_ever() -> None:
    constant = Schedule.constant(7)
    assert constant.level(0) == constant.level(1e6) == constant.peak == 7
    assert constant.end_s == 0
    assert constant.area(10) == pytest.approx(70)


def test_a_ramp_rises_and_stays() -> None:
    ramp = Schedule.ramp(1, 101, 10)
    assert [ramp.level(at_s) for at_s in (0, 5, 10, 99)] == [1, 51, 101, 101]
    assert ramp.peak == 101
    assert ramp.end_s == 10
    assert ramp.area(10) == pytest.approx(510)


def test_a_ramp_without_duration_is_its_end() -> None:
    assert Schedule.ramp(1, 100, 0) == Schedule.constant(100)
