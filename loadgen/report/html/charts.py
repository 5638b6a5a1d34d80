"""Charts as values: what is drawn, in which unit, and the same in words and as a table. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.report.tables import Table

__all__ = [
    "LINES",
    "MOST_POINTS",
    "MOST_ROWS",
    "Band",
    "Chart",
    "ChartId",
    "Limit",
    "Moment",
    "Series",
    "Unit",
    "is_wide",
    "to_json",
]

LOG_FROM_RATIO = 30.0
"""From here on a linear axis would press what is usual onto its base line."""
MOST_POINTS = 900
"""Of a chart: a point a pixel on a wide screen."""
MOST_ROWS = 60
"""Of a table beside a chart."""
LINES = (
    ("orange", ""),
    ("purple", "7 3"),
    ("teal", "2 3"),
    ("magenta", "7 3 2 3"),
    ("olive", "4 2"),
    ("grey", "1 2"),
)
"""Ink and dash of each of several lines of one kind, so that nobody needs the colours."""


class ChartId(StrEnum):
    """The charts of a run's page, and the ids of their elements."""

    THROUGHPUT = "throughput"
    RESPONSE_TIME = "response-time"
    ERRORS = "errors"
    LOAD = "load"
    OWN_LAG = "own-lag"
    CPU = "cpu"
    DISTRIBUTION = "distribution"


class Unit(StrEnum):
    """What the numbers of a chart count; the script formats them by it."""

    PER_SECOND = "per second"
    MILLISECONDS = "ms"
    PERCENT = "%"
    COUNT = "count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A line.

    Attributes:
        values: one per x; None is a gap.
        ink: a colour of the style sheet, without its dashes: "accent".
        dash: lengths of dashes and gaps: "6 3"; "" is a solid line.
        width: of the line, in CSS pixels.
    """

    name: str
    values: tuple[float | None, ...]
    ink: str
    dash: str = ""
    width: float = 1.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The area between two series.

    Attributes:
        upper, lower: indices of the series.
        ink: its colour.
    """

    upper: int
    lower: int
    ink: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A line across the chart that values should stay on one side of."""

    name: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A line down the chart at which something happened.

    Attributes:
        name: is written beside it; "" draws the line alone.
        x: when.
    """

    name: str
    x: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart over time, or over quantiles.

    Attributes:
        id: of its element; one of a kind in its page.
        axis: charts with the same one share an axis of time and its cursor; "" is no time.
        summary: what it shows, in a sentence or two with its figures.
        x: seconds, of time that is measured from 0 on; of a distribution 1 / (1 - q).
        stepped: a value holds from its x to the next one, without a slope between them.
        log: the y axis is logarithmic.
        top: the y axis reaches at least this far; None: as far as the values.
        table: the same numbers, in fewer rows where there are many.
    """

    id: str
    axis: str = "time"
    title: str
    summary: str
    unit: Unit
    x: tuple[float, ...]
    series: tuple[Series, ...]
    bands: tuple[Band, ...] = ()
    limits: tuple[Limit, ...] = ()
    moments: tuple[Moment, ...] = ()
    stepped: bool = False
    log: bool = False
    top: float | None = None
    table: Table = field(kw_only=True)


def is_wide(values: Sequence[float | None]) -> bool:
    """True when the values span so much that only a logarithmic axis shows them all."""
    positive = [value for value in values if value]
    return bool(positive) and max(positive) > LOG_FROM_RATIO * min(positive)


def to_json(charts: Sequence[Chart]) -> str:
    """The charts for the script, safe inside a script element."""
    text = json.dumps(
        [_plain(chart) for chart in charts], ensure_ascii=False, separators=(",", ":")
    )
    # "</script>" and "<!--" would end the element or change how it is read.
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _plain(chart: Chart) -> dict[str, object]:
    return {
        "id": chart.id,
        "unit": chart.unit,
        "axis": chart.axis,
        "stepped": chart.stepped,
        "log": chart.log,
        "top": chart.top,
        "x": [_short(x) for x in chart.x],
        "series": [
            {
                "name": series.name,
                "ink": series.ink,
                "dash": [float(length) for length in series.dash.split()],
                "width": series.width,
                "values": [_drawable(value, log=chart.log) for value in series.values],
            }
            for series in chart.series
        ],
        "bands": [
            {"upper": band.upper, "lower": band.lower, "ink": band.ink} for band in chart.bands
        ],
        "limits": [{"name": limit.name, "value": limit.value} for limit in chart.limits],
        "moments": [{"name": moment.name, "x": _short(moment.x)} for moment in chart.moments],
    }


def _drawable(value: float | None, *, log: bool) -> float | None:
    """No zero on a logarithmic axis."""
    return None if value is None or (log and value <= 0) else _short(value)


def _short(value: float) -> float:
    return float(f"{value:.6g}")
