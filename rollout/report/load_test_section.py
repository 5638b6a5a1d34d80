"""The part of a verification's page about the load test of the canary. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from loadgen.report.html import headline
from loadgen.report.html.axis import clock as moment
from loadgen.report.html.charts import MOST_POINTS, MOST_ROWS, Chart, Series, Unit, is_wide
from loadgen.report.html.headline import Figure
from loadgen.report.html.markup import Html, drawn, element, join
from loadgen.report.html.overview import trust
from loadgen.report.html.page import linked
from loadgen.report.numbers import NOTHING, clock, count, decimal, duration, percent
from loadgen.report.tables import Table, Verbatim
from slo.validity import Validity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rollout.report.found import Found

__all__ = ["charts", "objectives", "section"]

AXIS = "load-test"
_UNITS = {"ms": " ms", "%": " %", "/s": " req/sec", "s": " s"}
_PERCENTILES = {"p50": "", "p95": "7 3", "p99": "2 3"}


def section(found: Found, drawn_charts: Sequence[Chart]) -> Html:
    """Everything about it below its heading.

    Args:
        found: `load_test` of the result.
        drawn_charts: of `charts`.
    """
    run, validity = found["run"], found["validity"]
    whole = f"Its whole report: loadgen report {run['id']} --html FILE, where the run was kept."
    return join(
        [
            trust(Validity(validity["verdict"])),
            headline.sentences([*validity["reasons"], *validity["notes"]]),
            _key_figures(found),
            _objectives(found["slo"]),
            linked(drawn_charts) if drawn_charts else Html(),
            element("p", whole, class_="note"),
        ]
    )


def charts(found: Found) -> list[Chart]:
    """How fast the canary was, and how much it answered; none without two seconds."""
    timeline = found["timeline"]
    if len(timeline) < 2:
        return []
    points, rows = (_spans(timeline, most) for most in (MOST_POINTS, MOST_ROWS))
    x = tuple(span[-1]["t_s"] for span in points)
    times = {name: tuple(_worst(span, name) for span in points) for name in _PERCENTILES}
    log = is_wide([value for line in times.values() for value in line])
    p95 = duration(found["latency_ms"]["p95"])
    return [
        Chart(
            id="load-response-times",
            axis=AXIS,
            title="Load test: response time",
            summary=f"P95 over the whole load test {p95}."
            f"{' The scale is logarithmic.' if log else ''}",
            unit=Unit.MILLISECONDS,
            x=x,
            series=tuple(
                Series(name=name.upper(), values=times[name], ink="accent", dash=dash)
                for name, dash in _PERCENTILES.items()
            ),
            log=log,
            table=_table(
                rows,
                ("P50", "P95", "P99"),
                lambda span: tuple(duration(_worst(span, name)) for name in _PERCENTILES),
            ),
        ),
        Chart(
            id="load-throughput",
            axis=AXIS,
            title="Load test: answers",
            summary=f"{count(found['requests']['failed'])} of "
            f"{count(found['requests']['sent'])} requests failed.",
            unit=Unit.PER_SECOND,
            x=x,
            series=(
                Series(name="Succeeded", values=_rates(points, "succeeded"), ink="accent"),
                Series(name="Failed", values=_rates(points, "failed"), ink="orange", dash="2 3"),
            ),
            table=_table(
                rows,
                ("Succeeded per second", "Failed per second"),
                lambda span: tuple(decimal(_rate(span, name)) for name in ("succeeded", "failed")),
            ),
        ),
    ]


def objectives(slo: Found) -> Table:
    """One row an objective."""
    return Table(
        head=("Objective", "Observed", "Limit", "Requests", "Verdict"),
        rows=tuple(
            (
                Verbatim(each["name"]),
                _value(each["observed"], each["unit"]),
                f"{each['comparison']} {each['limit']:g}{_UNITS.get(each['unit'], '')}",
                count(each["n"]),
                each["verdict"],
            )
            for each in slo["objectives"]
        ),
    )


def _objectives(slo: Found | None) -> Html:
    if not slo or not slo["objectives"]:
        return Html()
    return join(
        [
            element("h3", "Objectives"),
            headline.sentences(slo["violations"]),
            drawn(objectives(slo), "Objectives of the load test", quiet=True),
        ]
    )


def _key_figures(found: Found) -> Html:
    run, requests, latency = found["run"], found["requests"], found["latency_ms"]
    rate = found["error_rate_percent"]
    return headline.figures(
        [
            Figure(
                name="Throughput",
                value=decimal(found["throughput_rps"]),
                unit="req/s",
                made_of=f"{count(requests['sent'])} requests in {clock(run['duration_s'])}",
            ),
            Figure(
                name="Error rate",
                value=percent(rate),
                unit="%" if rate is not None else "",
                made_of=f"{count(requests['failed'])} failed",
            ),
            *(
                headline.timed(f"{name.upper()} response time", duration(latency[name]), meaning)
                for name, meaning in (
                    ("p50", "half were faster"),
                    ("p95", "1 in 20 was slower"),
                    ("p99", "1 in 100 was slower"),
                )
            ),
        ]
    )


def _spans(timeline: Sequence[Found], most: int) -> list[Sequence[Found]]:
    step = max(1, math.ceil(len(timeline) / most))
    return [timeline[start : start + step] for start in range(0, len(timeline), step)]


def _worst(span: Sequence[Found], name: str) -> float | None:
    return max((row[name] for row in span if row[name] is not None), default=None)


def _rate(span: Sequence[Found], name: str) -> float:
    total: int = sum(row[name] for row in span)
    return total / len(span)


def _rates(spans: Sequence[Sequence[Found]], name: str) -> tuple[float, ...]:
    return tuple(_rate(span, name) for span in spans)


def _table(
    spans: Sequence[Sequence[Found]],
    titles: tuple[str, ...],
    cells: Callable[[Sequence[Found]], tuple[str, ...]],
) -> Table:
    rows = tuple((moment(span[-1]["t_s"]), *cells(span)) for span in spans)
    return Table(head=("Up to", *titles), rows=rows, numbers_from=1)


def _value(observed: float | None, unit: str) -> str:
    if observed is None:
        return NOTHING
    return f"{percent(observed) if unit == '%' else decimal(observed)}{_UNITS.get(unit, '')}"
