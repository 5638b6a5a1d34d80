"""A verdict as the rows of the page's objectives, with the charts that show their limits. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.report.html.charts import ChartId
from loadgen.report.html.objectives import ObjectiveRow
from loadgen.report.judgement import value
from slo.metric import Percentile, Phase, Throughput
from slo.sentence import violation
from slo.verdict import Verdict

if TYPE_CHECKING:
    from slo.objective import Objective
    from slo.verdict import Finding, Judgement

__all__ = ["judged"]


def judged(slo: Judgement | None) -> tuple[ObjectiveRow, ...]:
    """One row an objective; none for a run that was not judged."""
    return tuple(_row(finding) for finding in slo.findings) if slo else ()


def _row(finding: Finding) -> ObjectiveRow:
    chart = _chart(finding.objective)
    return ObjectiveRow(
        text=finding.objective.text,
        observed=value(finding.observed, finding.unit),
        verdict=finding.verdict.value,
        sentence=violation(finding) if finding.verdict is Verdict.FAIL else finding.reason,
        chart=chart,
        limit=None if chart is None else finding.objective.limit,
    )


def _chart(objective: Objective) -> ChartId | None:
    """Where the limit can be a line: charts are of all endpoints together, second by second."""
    if objective.scope is not None:
        return None
    match objective.metric:
        case Percentile(phase=Phase.LATENCY):
            return ChartId.RESPONSE_TIME
        case Throughput():
            return ChartId.THROUGHPUT
        case _:
            return None
