"""What a rollout's result says of time: its seconds and events as points of one axis. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from loadgen.report.html.charts import Moment

if TYPE_CHECKING:
    from rollout.report.found import Found

__all__ = ["Point", "moments_of", "points_of", "since_begin_s", "thinned"]

_SPOKEN = {"waiting": "gate", "rolling back": "rolls back", "rolled back": "safe"}
"""What is written beside the line of a new phase, where that is not its name."""
_BY_ITSELF = frozenset({"shifting", "holding"})
"""Phases that follow by themselves: the weight shows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A second of a hold, or the moment of an event.

    Attributes:
        t_s: since the rollout began.
        weight_percent: of the canary from then on.
        row: what was measured; empty for an event.
    """

    t_s: float
    weight_percent: float
    row: Found

    def of(self, judge: str, *names: str) -> float | None:
        """A number that a judge measured; None when it measured none."""
        found = self.row.get(judge)
        for name in names:
            found = found.get(name) if isinstance(found, Mapping) else None
        return float(found) if isinstance(found, int | float) else None


def since_begin_s(found: Found, at: str) -> float:
    """Seconds from the beginning of the rollout to an instant of its result file."""
    begun = datetime.fromisoformat(found["rollout"]["begun_at"])
    return (datetime.fromisoformat(at) - begun).total_seconds()


def points_of(found: Found) -> list[Point]:
    """Seconds and events in the order of time, each with the weight that holds from it on."""
    points = [
        Point(t_s=since_begin_s(found, each["at"]), weight_percent=each["weight_percent"], row=each)
        for each in found["timeline"]
    ]
    points.append(Point(t_s=0.0, weight_percent=0.0, row={}))
    for each in found["audit"]:
        if each["phase"] in {"rolling back", "rolled back"}:
            t_s = since_begin_s(found, each["at"])
            points.append(Point(t_s=t_s, weight_percent=0.0, row={}))
    ended_s = since_begin_s(found, found["rollout"]["ended_at"])
    points.append(Point(t_s=ended_s, weight_percent=found["weight_percent"], row={}))
    return sorted(points, key=lambda point: point.t_s)


def thinned(points: Sequence[Point], most: int) -> list[Point]:
    """At most about so many of the points, the last one among them: weights hold for minutes."""
    step = max(1, math.ceil(len(points) / most))
    return [*points[:-1:step], points[-1]]


def moments_of(found: Found) -> tuple[Moment, ...]:
    """When somebody or something led a rollout elsewhere."""
    return tuple(
        Moment(name=_SPOKEN.get(each["phase"], each["phase"]), x=since_begin_s(found, each["at"]))
        for each in found["audit"]
        if each["phase"] and each["phase"] not in _BY_ITSELF
    )
