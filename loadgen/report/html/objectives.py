"""Objectives as a page shows them: plain values, whoever judged them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from loadgen.report.html.charts import ChartId, Limit
from loadgen.report.html.markup import Html, drawn, element, join
from loadgen.report.tables import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ObjectiveRow", "limits_in", "section"]

_MARKS = {"PASS": "✓", "FAIL": "✕"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveRow:
    """One objective and what became of it.

    Attributes:
        text: what must hold: "p95 < 250ms".
        observed: with its unit: "350.2ms"; "–" without a value.
        verdict: PASS, FAIL or INCONCLUSIVE.
        sentence: how it was violated, or why nothing can be said; "" when it is met.
        chart: where its limit is a line; None when no chart shows its metric.
        limit: in the chart's unit; None without a line.
    """

    text: str
    observed: str
    verdict: str
    sentence: str = ""
    chart: ChartId | None = None
    limit: float | None = None


def limits_in(rows: Sequence[ObjectiveRow], chart: ChartId) -> tuple[Limit, ...]:
    """The lines that objectives draw in a chart."""
    return tuple(
        Limit(name=row.text, value=row.limit)
        for row in rows
        if row.chart is chart and row.limit is not None
    )


def section(rows: Sequence[ObjectiveRow]) -> Html:
    """What was violated in sentences, and all objectives in a table; nothing without any."""
    if not rows:
        return Html()
    violations = [element("li", row.sentence) for row in rows if row.sentence]
    table = Table(
        head=("Objective", "Observed", "Verdict"),
        rows=tuple(
            (row.text, row.observed, f"{_MARKS.get(row.verdict, '?')} {row.verdict}")
            for row in rows
        ),
    )
    return join(
        [
            element("h2", "Objectives"),
            element("ul", *violations, class_="sentences") if violations else Html(),
            drawn(table, "Objectives and their verdicts", quiet=True),
        ]
    )
