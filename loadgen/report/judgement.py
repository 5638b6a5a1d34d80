"""The verdict, the baseline and the rollback in the words and tables of every report. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from loadgen.report.numbers import NOTHING, count, decimal, percent
from loadgen.report.tables import Table, Verbatim
from slo.compare import Change
from slo.metric import Unit
from slo.objective import number_text
from slo.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loadgen.consequence import BaselineResult
    from slo.compare import Row, RunComparison
    from slo.interval import Interval
    from slo.verdict import Finding, Judgement

__all__ = [
    "CHANGES",
    "comparison",
    "comparison_sentence",
    "objectives",
    "reasons",
    "score",
    "value",
]

CHANGES: Mapping[Change, str] = {
    Change.BETTER: "The run is better than its baseline",
    Change.SAME: "The run is the same as its baseline, within the margin",
    Change.WORSE: "The run is worse than its baseline",
    Change.CANT_TELL: "Whether the run differs from its baseline cannot be told",
}
_UNITS = {Unit.MS: " ms", Unit.PERCENT: " %", Unit.PER_S: " req/sec", Unit.S: " s"}


def objectives(judgement: Judgement) -> Table:
    """One row an objective, in their order."""
    return Table(
        head=("Objective", "Observed", "95 % interval", "Limit", "Requests", "Verdict"),
        rows=tuple(_objective(finding) for finding in judgement.findings),
    )


def reasons(judgement: Judgement) -> list[str]:
    """Why objectives are undecided, a sentence each."""
    return [f"{f.objective.condition}: {f.reason}" for f in judgement.findings if f.reason]


def score(judgement: Judgement) -> str:
    """How many objectives hold: "3 hold, 1 violated, 1 undecided"."""
    names = {
        Verdict.PASS: ("holds", "hold"),
        Verdict.FAIL: ("violated", "violated"),
        Verdict.INCONCLUSIVE: ("undecided", "undecided"),
    }
    counts = {
        verdict: sum(finding.verdict is verdict for finding in judgement.findings)
        for verdict in names
    }
    return ", ".join(f"{n} {names[verdict][n > 1]}" for verdict, n in counts.items() if n)


def value(number: float | None, unit: Unit) -> str:
    """A value with its unit; NOTHING when there is none."""
    if number is None:
        return NOTHING
    if math.isinf(number):
        return "∞"
    return f"{percent(number) if unit is Unit.PERCENT else decimal(number)}{_UNITS[unit]}"


def comparison(found: RunComparison, *, brief: bool = False) -> Table:
    """One row a value: all endpoints together first.

    Args:
        found: the comparison.
        brief: of single endpoints only what became better or worse.
    """
    told = (Change.BETTER, Change.WORSE)
    return Table(
        head=("Endpoint", "Value", "Baseline", "Now", "Change", "Verdict"),
        rows=tuple(
            _compared(row)
            for row in found.rows
            if not brief or row.scope is None or row.change in told
        ),
    )


def comparison_sentence(baseline: BaselineResult) -> str:
    """What the comparison found, with which run and which margin."""
    found = baseline.comparison
    other = "" if baseline.same_plan else "; they had different plans"
    return (
        f"{CHANGES[found.change]} ({baseline.run_id}, margin {100 * baseline.margin_ratio:g} %"
        f"{other})"
    )


def _objective(finding: Finding) -> tuple[str, ...]:
    limit = f"{finding.comparison} {number_text(finding.limit)}{_UNITS[finding.unit]}"
    return (
        Verbatim(finding.objective.text),
        value(finding.observed, finding.unit),
        _interval(finding.interval, finding.unit),
        limit,
        count(finding.n),
        finding.verdict.value,
    )


def _interval(interval: Interval | None, unit: Unit) -> str:
    if interval is None:
        return NOTHING
    low, _, of = value(max(0.0, interval.low), unit).partition(" ")
    high, _, _ = value(interval.high, unit).partition(" ")
    return f"{low}{NOTHING}{high} {of}"


def _compared(row: Row) -> tuple[str, ...]:
    return (
        "All" if row.scope is None else Verbatim(row.scope),
        Verbatim(row.metric.text),
        value(row.baseline, row.unit),
        value(row.current, row.unit),
        _change(row),
        row.change.value,
    )


def _change(row: Row) -> str:
    """The interval of the change: a percentile's in percent, an error rate's in points."""
    if row.ratio is not None:
        return _signed(100 * (row.ratio.low - 1), 100 * (row.ratio.high - 1), "%")
    if row.difference is not None:
        return _signed(row.difference.low, row.difference.high, "points")
    return NOTHING


def _signed(low: float, high: float, unit: str) -> str:
    ends = ("∞" if math.isinf(end) else f"{end:+.3g}" for end in (low, high))
    return f"{' to '.join(ends)} {unit}"
