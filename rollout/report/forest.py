"""Intervals as a forest plot: a picture in each row of a table, all on one scale. Pure."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from loadgen.report.html.markup import Html, element
from loadgen.report.tables import Table
from rollout.report import comparison_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rollout.report.found import Found

__all__ = ["forest"]

WIDTH, HEIGHT = 180, 18
LEAST_RATIO, MOST_RATIO = 1.2, 10.0
"""How far the scale of ratios reaches to each side, at least and at most."""
LEAST_POINTS = 0.5
"""The same of percentage points, at least."""
_ROOM = 1.15
"""So that the longest interval does not touch the edge."""


def forest(found: Found) -> Table:
    """The table of effects, with each interval drawn beside its numbers.

    Ratios lie on a logarithmic scale around 1, differences in points on a linear one around 0;
    the dotted line is the margin up to which nothing counts as worse.

    Args:
        found: `comparison` of a verification's result.
    """
    table = comparison_tables.effects(found)
    effects = sorted(found["effects"], key=lambda each: not each["worse"])
    of_times = [_log_ends(each) for each in effects if each["unit"] == "ms"]
    of_shares = [_ends(each) for each in effects if each["unit"] != "ms"]
    reach = {
        True: min(math.log(MOST_RATIO), _reach(of_times, math.log(LEAST_RATIO))),
        False: _reach(of_shares, LEAST_POINTS),
    }
    policy = found["policy"]
    margins = {
        True: math.log1p(policy["margin_percent"] / 100),
        False: float(policy["margin_points"]),
    }
    rows = []
    for effect, cells in zip(effects, table.rows, strict=True):
        timed = effect["unit"] == "ms"
        ends = _log_ends(effect) if timed else _ends(effect)
        picture = _picture(ends, reach[timed], margins[timed], worse=effect["worse"])
        rows.append((*cells, picture))
    return dataclasses.replace(table, head=(*table.head, "Better | worse"), rows=tuple(rows))


def _ends(effect: Found) -> tuple[float, float] | None:
    """The interval; an end that the sample does not bound is infinite."""
    if effect["interval"] is None:
        return None
    low, high = effect["interval"]
    return -math.inf if low is None else low, math.inf if high is None else high


def _log_ends(effect: Found) -> tuple[float, float] | None:
    ends = _ends(effect)
    if ends is None:
        return None
    low, high = (math.log(end) if end > 0 else -math.inf for end in ends)
    return low, high


def _reach(intervals: Sequence[tuple[float, float] | None], least: float) -> float:
    """How far the scale goes to each side."""
    ends = [abs(end) for pair in intervals if pair for end in pair if math.isfinite(end)]
    return _ROOM * max([least, *ends])


def _picture(ends: tuple[float, float] | None, reach: float, margin: float, *, worse: bool) -> Html:
    """One interval; hidden from screen readers, as its numbers stand in the same row."""

    def x(value: float) -> float:
        inside = max(-reach, min(reach, value))
        return round((1 + inside / reach) * WIDTH / 2, 1)

    def line(x1: float, x2: float, y1: int, y2: int, ink: str, **look: str) -> Html:
        return element("line", x1=str(x1), x2=str(x2), y1=y1, y2=y2, class_=f"ink-{ink}", **look)

    same, limit = x(0.0), x(margin)
    parts = [
        line(same, same, 0, HEIGHT, "grey"),
        line(limit, limit, 0, HEIGHT, "grey", stroke_dasharray="2 2"),
    ]
    if ends is not None:
        low, high, y = x(ends[0]), x(ends[1]), HEIGHT // 2
        ink = "orange" if worse else "accent"
        parts.append(line(low, high, y, y, ink, stroke_width="2"))
        parts += [line(end, end, y - 4, y + 4, ink, stroke_width="2") for end in (low, high)]
    return element("svg", *parts, width=WIDTH, height=HEIGHT, class_="forest", aria_hidden="true")
