"""The charts over time, which share one axis: what the target did, then the generator. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from loadgen.report.html.axis import clock, in_ms, table, times
from loadgen.report.html.charts import (
    LINES,
    MOST_POINTS,
    MOST_ROWS,
    Band,
    Chart,
    ChartId,
    Limit,
    Series,
    Unit,
    is_wide,
)
from loadgen.report.html.generator import cpu, own_lag
from loadgen.report.html.objectives import limits_in
from loadgen.report.html.spans import condense
from loadgen.report.numbers import count, decimal, duration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from loadgen.measurement import Measurement, Second
    from loadgen.report.html.objectives import ObjectiveRow
    from loadgen.report.html.spans import Span

__all__ = ["over_time"]

MOST_CLASSES = 5
"""Error classes with a line of their own; the others share one."""
OTHERS = "others"


def over_time(m: Measurement, objectives: Sequence[ObjectiveRow]) -> list[Chart]:
    """All charts over time, in the order of the page; none of a run without two seconds."""
    points = condense(m.timeline, MOST_POINTS)
    if len(points) < 2:
        return []
    rows = condense(m.timeline, MOST_ROWS)
    charts = [_throughput(m, points, rows, limits_in(objectives, ChartId.THROUGHPUT))]
    charts.append(_response_time(m, points, rows, limits_in(objectives, ChartId.RESPONSE_TIME)))
    if any(second.errors for second in m.timeline):
        charts.append(_errors(m, points, rows))
    return [*charts, _load(m, points, rows), own_lag(m, points, rows), cpu(points, rows)]


def _throughput(
    m: Measurement, points: Sequence[Span], rows: Sequence[Span], limits: tuple[Limit, ...]
) -> Chart:
    sent = [span.per_second(span.whole.sent) for span in points]
    mean = m.total.sent / m.run.duration_s if m.run.duration_s > 0 else 0.0
    return Chart(
        id=ChartId.THROUGHPUT,
        title="Throughput",
        summary=f"{decimal(mean)} requests a second sent on average, "
        f"{decimal(min(sent))} in the slowest and {decimal(max(sent))} in the fastest second.",
        unit=Unit.PER_SECOND,
        x=times(points),
        series=(
            Series(name="Sent", values=tuple(sent), ink="grey", dash="4 3"),
            Series(
                name="Succeeded",
                values=tuple(span.per_second(span.whole.succeeded) for span in points),
                ink="accent",
                width=2.25,
            ),
            Series(
                name="Failed",
                values=tuple(span.per_second(span.whole.failed) for span in points),
                ink="orange",
                dash="2 3",
            ),
        ),
        limits=limits,
        table=table(
            rows,
            ("Sent per second", lambda span: decimal(span.per_second(span.whole.sent))),
            ("Succeeded per second", lambda span: decimal(span.per_second(span.whole.succeeded))),
            ("Failed per second", lambda span: decimal(span.per_second(span.whole.failed))),
        ),
    )


def _response_time(
    m: Measurement, points: Sequence[Span], rows: Sequence[Span], limits: tuple[Limit, ...]
) -> Chart:
    p50, p95, p99, most = (
        tuple(read(span.whole) for span in points) for read in _RESPONSE_TIMES.values()
    )
    log = is_wide([*p50, *most])
    seen = any(value is not None for value in p95)
    slow = max(points, key=lambda span: (span.whole.p95_ms if seen else span.whole.max_ms) or 0.0)
    worst = (
        f"The slowest second's P95 was {duration(slow.whole.p95_ms)}"
        if seen
        else f"The slowest answer took {duration(slow.whole.max_ms)}"
    )
    return Chart(
        id=ChartId.RESPONSE_TIME,
        title="Response time",
        summary=f"P95 over the whole run {duration(m.total.latency.p95_ms)}. "
        f"{worst}, at {clock(slow.whole.t_s)}.{' The scale is logarithmic.' if log else ''}",
        unit=Unit.MILLISECONDS,
        x=times(points),
        series=(
            Series(name="P50", values=p50, ink="accent", width=2.25),
            Series(name="P95", values=p95, ink="accent", dash="7 3", width=1.5),
            Series(name="P99", values=p99, ink="accent", dash="2 3", width=1.5),
            Series(name="Max", values=most, ink="grey", width=1),
        ),
        bands=(
            Band(upper=1, lower=0, ink="band-near"),
            Band(upper=2, lower=1, ink="band-far"),
            Band(upper=3, lower=2, ink="band-last"),
        ),
        limits=limits,
        log=log,
        table=table(
            rows,
            *((name, in_ms(read)) for name, read in _RESPONSE_TIMES.items()),
        ),
    )


_RESPONSE_TIMES: dict[str, Callable[[Second], float | None]] = {
    "P50": lambda second: second.p50_ms,
    "P95": lambda second: second.p95_ms,
    "P99": lambda second: second.p99_ms,
    "Max": lambda second: second.max_ms,
}


def _errors(m: Measurement, points: Sequence[Span], rows: Sequence[Span]) -> Chart:
    names = _classes(m.timeline)
    worst = max(m.timeline, key=lambda second: second.failed)
    failed = sum(second.failed for second in m.timeline)
    return Chart(
        id=ChartId.ERRORS,
        title="Errors by class",
        summary=f"{count(failed)} requests failed, "
        f"{count(worst.failed)} of them in the worst second, up to {clock(worst.t_s)}.",
        unit=Unit.PER_SECOND,
        x=times(points),
        series=tuple(
            Series(
                name=_spoken(name),
                values=tuple(span.per_second(_errors_of(span, name, names)) for span in points),
                ink=ink,
                dash=dash,
            )
            for name, (ink, dash) in zip(names, LINES, strict=False)
        ),
        table=table(
            rows,
            *(
                (_spoken(name), lambda span, name=name: count(_errors_of(span, name, names)))
                for name in names
            ),
        ),
    )


def _classes(timeline: Sequence[Second]) -> tuple[str, ...]:
    """The classes with a line, the most frequent first; OTHERS stands for the rest."""
    totals: Counter[str] = Counter()
    for second in timeline:
        totals.update(second.errors)
    names = sorted(totals, key=lambda name: (-totals[name], name))
    if len(names) <= MOST_CLASSES + 1:
        return tuple(names)
    return (*names[:MOST_CLASSES], OTHERS)


def _errors_of(span: Span, name: str, names: Sequence[str]) -> int:
    errors = span.whole.errors
    if name == OTHERS:
        return sum(n for other, n in errors.items() if other not in names)
    return errors.get(name, 0)


def _spoken(name: str) -> str:
    """http_503 is a status and no class."""
    return name.upper().replace("_", " ") if name.startswith("http_") else name


def _load(m: Measurement, points: Sequence[Span], rows: Sequence[Span]) -> Chart:
    in_flight = tuple(float(span.whole.in_flight) for span in points)
    lines = [Series(name="In flight", values=in_flight, ink="orange", dash="7 3")]
    most = f"at most {max(in_flight):,.0f} requests were in flight at the end of a second"
    columns = [("In flight", lambda span: count(span.whole.in_flight))]
    if m.run.open_loop:
        title, summary = "In flight", f"{most[0].upper()}{most[1:]}."
    else:
        users = tuple(float(span.whole.users) for span in points)
        columns.insert(0, ("Users", lambda span: count(span.whole.users)))
        title, summary = "Users and in flight", f"Up to {max(users):,.0f} users; {most}."
        lines.insert(0, Series(name="Users", values=users, ink="accent", width=2.25))
    return Chart(
        id=ChartId.LOAD,
        title=title,
        summary=summary,
        unit=Unit.COUNT,
        x=times(points),
        series=tuple(lines),
        table=table(rows, *columns),
    )
