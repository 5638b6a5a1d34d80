"""A rollout over time, on one axis: weight and events, evidence, what both sides did. Pure.

Zero is the moment at which the rollout began.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from loadgen.report.html.axis import clock
from loadgen.report.html.charts import (
    LINES,
    MOST_POINTS,
    MOST_ROWS,
    Chart,
    Limit,
    Moment,
    Series,
    Unit,
    is_wide,
)
from loadgen.report.numbers import NOTHING, duration, percent
from loadgen.report.tables import Table
from rollout.report.rollout_points import Point, moments_of, points_of, thinned

if TYPE_CHECKING:
    from rollout.report.found import Found

__all__ = ["charts"]

AXIS = "rollout"
PERCENTILES = {"p50_ms": ("P50", ""), "p95_ms": ("P95", "7 3"), "p99_ms": ("P99", "2 3")}
_Read: TypeAlias = Callable[["Point"], float | None]


def charts(found: Found) -> list[Chart]:
    """All charts of a rollout; the weight alone when nothing else was measured.

    Args:
        found: the content of a rollout's result file.
    """
    points = points_of(found)
    if len(points) < 2:
        return []
    fewer, rows = (thinned(points, most) for most in (MOST_POINTS, MOST_ROWS))
    moments = moments_of(found)
    made = [_weight(found, fewer, rows, moments)]
    for chart in (_evidence, _times, _errors, _queries):
        drawn = chart(fewer, rows, moments)
        if drawn is not None:
            made.append(drawn)
    return made


def _weight(
    found: Found,
    points: Sequence[Point],
    rows: Sequence[Point],
    moments: tuple[Moment, ...],
) -> Chart:
    weights = [point.weight_percent for point in points]
    lines = [Series(name="Set", values=tuple(weights), ink="accent", width=2.25)]
    columns: list[tuple[str, Callable[[Point], str]]] = [
        ("Set", lambda row: f"{row.weight_percent:g} %")
    ]
    if any(_measured_percent(point) is not None for point in points):
        measured = tuple(_measured_percent(point) for point in points)
        lines.append(Series(name="Measured", values=measured, ink="orange", dash="2 3"))
        columns.append(("Measured", lambda row: _percent(_measured_percent(row))))
    return Chart(
        id="weight",
        axis=AXIS,
        title="The canary's part of live traffic",
        summary=f"At most {max(weights):g} %, in the end {found['weight_percent']:g} %: "
        f"{found['phase']} after {clock(points[-1].t_s)}.",
        unit=Unit.PERCENT,
        x=_xs(points),
        series=tuple(lines),
        moments=moments,
        stepped=True,
        top=110.0,
        table=_table(rows, columns),
    )


def _measured_percent(point: Point) -> float | None:
    """The canary's share of what was served in a second."""
    stable, canary = point.of("split", "stable"), point.of("split", "canary")
    if stable is None or canary is None or stable + canary == 0:
        return None
    return 100 * canary / (stable + canary)


def _evidence(
    points: Sequence[Point], rows: Sequence[Point], moments: tuple[Moment, ...]
) -> Chart | None:
    def read(point: Point) -> float | None:
        return point.of("probe", "proof_percent")

    values = [value for point in points if (value := read(point)) is not None]
    if not values:
        return None
    return Chart(
        id="rollout-evidence",
        axis=AXIS,
        title="Evidence that the canary is worse",
        summary="Of the detector that is nearest to a proof, carried from stage to stage; it came "
        f"to {max(values):.0f} %.",
        unit=Unit.PERCENT,
        x=_xs(points),
        series=(Series(name="Evidence", values=tuple(map(read, points)), ink="orange"),),
        limits=(Limit(name="Proof", value=100.0),),
        moments=moments,
        top=110.0,
        table=_table(rows, [("Evidence", lambda row: _percent(read(row)))]),
    )


def _times(
    points: Sequence[Point], rows: Sequence[Point], moments: tuple[Moment, ...]
) -> Chart | None:
    """Percentiles of both sides by the probe, and of the canary by the load test."""
    sides = (
        ("Stable", "accent", ("probe", "stable")),
        ("Canary", "orange", ("probe", "canary")),
        ("Load test", "teal", ("load test",)),
    )
    lines, columns = [], []
    for title, ink, path in sides:
        for name, (percentile, dash) in PERCENTILES.items():
            read = _reader(*path, name)
            values = tuple(map(read, points))
            if any(value is not None for value in values):
                shown = f"{title} {percentile}"
                lines.append(Series(name=shown, values=values, ink=ink, dash=dash))
                columns.append((shown, _timed(read)))
    if not lines:
        return None
    log = is_wide([value for line in lines for value in line.values])
    return Chart(
        id="rollout-response-times",
        axis=AXIS,
        title="Response time",
        summary="Measured beside the live traffic, by requests of our own."
        f"{' The scale is logarithmic.' if log else ''}",
        unit=Unit.MILLISECONDS,
        x=_xs(points),
        series=tuple(lines),
        moments=moments,
        log=log,
        table=_table(rows, columns),
    )


def _errors(
    points: Sequence[Point], rows: Sequence[Point], moments: tuple[Moment, ...]
) -> Chart | None:
    sides = (
        ("Stable", "accent", "", ("probe", "stable"), "finished"),
        ("Canary", "orange", "7 3", ("probe", "canary"), "finished"),
        ("Load test", "teal", "2 3", ("load test",), "sent"),
    )
    lines, columns = [], []
    for title, ink, dash, path, whole in sides:
        read = _failed(path, whole)
        values = tuple(map(read, points))
        if any(value is not None for value in values):
            lines.append(Series(name=title, values=values, ink=ink, dash=dash))
            columns.append((title, _shared(read)))
    if not lines:
        return None
    worst = max(value for line in lines for value in line.values if value is not None)
    return Chart(
        id="rollout-errors",
        axis=AXIS,
        title="Errors",
        summary=f"At most {percent(worst)} % failed in one second.",
        unit=Unit.PERCENT,
        x=_xs(points),
        series=tuple(lines),
        moments=moments,
        table=_table(rows, columns),
    )


def _queries(
    points: Sequence[Point], rows: Sequence[Point], moments: tuple[Moment, ...]
) -> Chart | None:
    """What Prometheus answered, each query in percent of its limit: they have no common unit."""
    names = list(dict.fromkeys(
        name for point in points for name in point.row if name.startswith("query ")
    ))  # fmt: skip
    if not names:
        return None
    reads = [_of_limit(name) for name in names[: len(LINES)]]
    return Chart(
        id="rollout-queries",
        axis=AXIS,
        title="Queries, in percent of their limits",
        summary=f"{len(names)} of Prometheus; the stage's table says what each limit means.",
        unit=Unit.PERCENT,
        x=_xs(points),
        series=tuple(
            Series(name=name, values=tuple(map(read, points)), ink=ink, dash=dash)
            for name, read, (ink, dash) in zip(names, reads, LINES, strict=False)
        ),
        limits=(Limit(name="Limit", value=100.0),),
        moments=moments,
        table=_table(
            rows, [(name, _shared(read)) for name, read in zip(names, reads, strict=False)]
        ),
    )


def _reader(*path: str) -> _Read:
    return lambda point: point.of(*path)


def _failed(path: tuple[str, ...], whole: str) -> _Read:
    def read(point: Point) -> float | None:
        all_, failed = point.of(*path, whole), point.of(*path, "failed")
        return None if not all_ or failed is None else 100 * failed / all_

    return read


def _of_limit(name: str) -> _Read:
    def read(point: Point) -> float | None:
        value, limit = point.of(name, "value"), point.of(name, "limit")
        return None if value is None or not limit else 100 * value / limit

    return read


def _timed(read: _Read) -> Callable[[Point], str]:
    return lambda row: duration(read(row))


def _shared(read: _Read) -> Callable[[Point], str]:
    return lambda row: _percent(read(row))


def _xs(points: Sequence[Point]) -> tuple[float, ...]:
    return tuple(point.t_s for point in points)


def _table(rows: Sequence[Point], columns: Sequence[tuple[str, Callable[[Point], str]]]) -> Table:
    return Table(
        head=("At", *(title for title, _ in columns)),
        rows=tuple((clock(row.t_s), *(cell(row) for _, cell in columns)) for row in rows),
        numbers_from=1,
    )


def _percent(value: float | None) -> str:
    return NOTHING if value is None else f"{percent(value)} %"
