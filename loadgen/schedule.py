"""A level (users, or requests per second) that is piecewise linear in time. Pure values.

The C engine walks the same points (`_ext/lg_schedule.h`); here is what plans, displays
and reports need to know of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from loadgen.errors import ConfigError

__all__ = ["Point", "Schedule"]


Point = tuple[float, float]
"""(seconds since the load began, level)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Levels at points in time, straight lines between them, level afterwards.

    Attributes:
        points: ascending in time; two at the same time are a jump.

    Raises:
        ConfigError: when a point is not finite, negative or out of order.
    """

    points: tuple[Point, ...]

    def __post_init__(self) -> None:
        """Checks the order and range of the points."""
        if not self.points:
            raise ConfigError("stages: none given; expected for example 0:100,30s:1000,2m:1000")
        for at_s, level in self.points:
            if not (0 <= at_s < math.inf and 0 <= level < math.inf):
                raise ConfigError(
                    f"stages: {at_s:g}s:{level:g} is out of range; "
                    "expected times and levels of 0 or more"
                )
        for (before_s, _), (after_s, _) in pairwise(self.points):
            if after_s < before_s:
                raise ConfigError(
                    f"stages: {after_s:g}s comes after {before_s:g}s; expected times that go up"
                )

    @classmethod
    def constant(cls, level: float) -> Schedule:
        """The same level from the first instant on."""
        return cls(points=((0.0, level),))

    @classmethod
    def ramp(cls, start: float, end: float, over_s: float) -> Schedule:
        """From start to end in over_s seconds, then end."""
        if over_s <= 0:
            return cls.constant(end)
        return cls(points=((0.0, start), (over_s, end)))

    @property
    def peak(self) -> float:
        """The highest level."""
        return max(level for _, level in self.points)

    @property
    def end_s(self) -> float:
        """The time of the last point."""
        return self.points[-1][0]

    def level(self, at_s: float) -> float:
        """The level at a time; a jump has taken place at its own instant."""
        before = None
        for point in self.points:
            if point[0] > at_s:
                return _between(before, point, at_s)
            before = point
        return self.points[-1][1]

    def area(self, end_s: float, start_s: float = 0.0) -> float:
        """Integral of the level from start_s to end_s: the arrivals expected in that time."""
        times = sorted({start_s, end_s, *(at for at, _ in self.points if start_s < at < end_s)})
        return math.fsum(
            (late - early) * self.level((early + late) / 2) for early, late in pairwise(times)
        )


def _between(before: Point | None, after: Point, at_s: float) -> float:
    if before is None:
        return after[1]
    share = (at_s - before[0]) / (after[0] - before[0])
    return before[1] + share * (after[1] - before[1])
