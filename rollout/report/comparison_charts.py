"""A comparison over time, on one axis: the evidence, then what both sides did. Pure.

Zero is the second at which the canary was first beside the baseline; the calibration, in which
both sides are the baseline, lies before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from loadgen.report.numbers import NOTHING, decimal, duration, percent
from loadgen.report.tables import Table
from rollout.report.comparison_spans import Span, spans_of
from rollout.report.comparison_tables import nearness
from rollout.report.found import everything

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rollout.report.found import Found

__all__ = ["charts"]

AXIS = "comparison"
SIDES = {"baseline": ("Baseline", "accent"), "canary": ("Canary", "orange")}
PERCENTILES = {"p50": ("", 2.25), "p95": ("7 3", 1.5), "p99": ("2 3", 1.5)}
"""Dash and width of each percentile's line."""


def charts(found: Found) -> list[Chart]:
    """All charts of a comparison; none of one without two seconds.

    Args:
        found: `comparison` of a verification's result.
    """
    points = spans_of(found["rows"], MOST_POINTS)
    if len(points) < 2:
        return []
    rows = spans_of(found["rows"], MOST_ROWS)
    moments = _moments(found)
    made = [_times(points, rows, moments), *_shares(points, rows, moments)]
    return [*_evidence(found, points, rows, moments), *made]


def _moments(found: Found) -> tuple[Moment, ...]:
    """When the canary came in, and when the first detector had proven something."""
    comparing = [row["t_s"] for row in found["rows"] if row["phase"] != "calibrating"]
    proofs = [_proven_at(each) for each in found["detectors"]]
    first = min((proof for proof in proofs if proof is not None), default=None)
    moments = [Moment(name="canary comes in", x=0.0)] if len(comparing) < len(found["rows"]) else []
    if first is not None:
        moments.append(Moment(name="proven", x=comparing[first]))
    return tuple(moments)


def _proven_at(detector: Found) -> int | None:
    """Index of the second at which a detector had enough."""
    if not detector["proven"] or not detector["evidence"]:
        return None
    # The file rounds evidence to three digits, and what it took to five.
    enough = detector["needed"] - 0.001
    return next((i for i, each in enumerate(detector["evidence"]) if each >= enough), None)


def _evidence(
    found: Found, points: Sequence[Span], rows: Sequence[Span], moments: tuple[Moment, ...]
) -> list[Chart]:
    """What the detectors that came nearest to a proof had gathered, second by second."""
    curves = [each for each in found["detectors"] if each["evidence"]]
    drawn = sorted(curves, key=nearness, reverse=True)[: len(LINES)]
    if not drawn:
        return []
    nearest = drawn[0]
    alpha = 100 * found["policy"]["alpha"]
    return [
        Chart(
            id="evidence",
            axis=AXIS,
            title="Evidence that the canary is worse",
            summary=f"At 100 % a detector has its proof; all together are wrong about a canary "
            f"that is no worse in {alpha:g} of 100 verifications at most. {_name(nearest)} came "
            f"to {100 * nearness(nearest):.0f} %.",
            unit=Unit.PERCENT,
            x=_times_of(points),
            series=tuple(
                Series(
                    name=_name(each),
                    values=tuple(_gathered(each, point) for point in points),
                    ink=ink,
                    dash=dash,
                    width=2.25 if each is nearest else 1.75,
                )
                for each, (ink, dash) in zip(drawn, LINES, strict=False)
            ),
            limits=(Limit(name="Proof", value=100.0),),
            moments=moments,
            top=110.0,
            table=_table(
                [row for row in rows if row.last is not None],
                *(
                    (_name(each), lambda row, each=each: _percent(_gathered(each, row)))
                    for each in drawn
                ),
            ),
        )
    ]


def _gathered(detector: Found, span: Span) -> float | None:
    """Its evidence at the end of a span, in percent of what proves it."""
    if span.last is None or span.last >= len(detector["evidence"]):
        return None
    part: float = detector["evidence"][span.last] / detector["needed"]
    return 100 * part


def _name(detector: Found) -> str:
    """What a detector looks at, such as "/c: p95"."""
    text = f"{everything(detector['endpoint'])}: {detector['subject']}"
    return text if detector["detector"] == "relative" else f"{text} ({detector['detector']})"


def _times(points: Sequence[Span], rows: Sequence[Span], moments: tuple[Moment, ...]) -> Chart:
    lines = [
        Series(
            name=f"{title} {name.upper()}",
            values=tuple(point.worst(side, name) for point in points),
            ink=ink,
            dash=dash,
            width=width,
        )
        for side, (title, ink) in SIDES.items()
        for name, (dash, width) in PERCENTILES.items()
    ]
    log = is_wide([value for line in lines for value in line.values])
    return Chart(
        id="both-response-times",
        axis=AXIS,
        title="Response time of both sides",
        summary="Percentiles of the last 10 seconds. "
        f"{_beside(points[-1])}{' The scale is logarithmic.' if log else ''}",
        unit=Unit.MILLISECONDS,
        x=_times_of(points),
        series=tuple(lines),
        moments=moments,
        log=log,
        table=_table(
            rows,
            *(
                (
                    f"{title} {name.upper()}",
                    lambda row, side=side, name=name: duration(row.worst(side, name)),
                )
                for side, (title, _) in SIDES.items()
                for name in PERCENTILES
            ),
        ),
    )


def _beside(last: Span) -> str:
    """Both sides' P95 at the end."""
    before, after = (duration(last.worst(side, "p95")) for side in SIDES)
    return f"At the end the canary's P95 was {after}, the baseline's {before}."


def _shares(
    points: Sequence[Span], rows: Sequence[Span], moments: tuple[Moment, ...]
) -> list[Chart]:
    """Errors, and that both sides got the same."""
    worst = max((point.failed_percent("canary") or 0.0 for point in points), default=0.0)

    def per_second(span: Span, side: str) -> float:
        return span.total(side, "finished") / span.length_s

    return [
        Chart(
            id="both-errors",
            axis=AXIS,
            title="Errors of both sides",
            summary=f"At most {percent(worst)} % of the canary's requests failed in one second.",
            unit=Unit.PERCENT,
            x=_times_of(points),
            series=_both(points, Span.failed_percent),
            moments=moments,
            table=_table(rows, *_columns(lambda row, side: _percent(row.failed_percent(side)))),
        ),
        Chart(
            id="both-requests",
            axis=AXIS,
            title="Requests to both sides",
            summary="Both get the same requests in the same seconds, in turns.",
            unit=Unit.PER_SECOND,
            x=_times_of(points),
            series=_both(points, per_second),
            moments=moments,
            table=_table(rows, *_columns(lambda row, side: decimal(per_second(row, side)))),
        ),
    ]


def _both(points: Sequence[Span], read: Callable[[Span, str], float | None]) -> tuple[Series, ...]:
    return tuple(
        Series(
            name=title,
            values=tuple(read(point, side) for point in points),
            ink=ink,
            dash="" if side == "baseline" else "7 3",
        )
        for side, (title, ink) in SIDES.items()
    )


def _columns(
    cell: Callable[[Span, str], str],
) -> list[tuple[str, Callable[[Span], str]]]:
    return [
        (title, lambda row, side=side: cell(row, side))  # type: ignore[misc] # mypy: a default
        for side, (title, _) in SIDES.items()
    ]


def _table(rows: Sequence[Span], *columns: tuple[str, Callable[[Span], str]]) -> Table:
    return Table(
        head=("Up to", *(title for title, _ in columns)),
        rows=tuple((clock(row.t_s), *(cell(row) for _, cell in columns)) for row in rows),
        numbers_from=1,
    )


def _times_of(points: Sequence[Span]) -> tuple[float, ...]:
    return tuple(point.t_s for point in points)


def _percent(value: float | None) -> str:
    return NOTHING if value is None else f"{percent(value)} %"
