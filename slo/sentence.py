"""Violations in words: the guide's thresholds as the guide has them, all others alike. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, assert_never

from slo.metric import (
    ErrorRate,
    Maximum,
    Mean,
    Metric,
    Percentile,
    Phase,
    StatusRate,
    Throughput,
    Unit,
)
from slo.objective import Window, WindowKind

if TYPE_CHECKING:
    from slo.verdict import Finding

__all__ = ["violation"]

_PHASES = {
    Phase.LATENCY: "latency",
    Phase.SERVICE: "service time",
    Phase.TTFB: "time to first byte",
    Phase.CONNECT: "connect time",
    Phase.TLS: "TLS handshake",
    Phase.LAG: "schedule lag",
}
_UNITS = {Unit.MS: "ms", Unit.PERCENT: "%", Unit.PER_S: " req/sec", Unit.S: "s"}
MOST_DECIMALS = 9


def violation(finding: Finding) -> str:
    """One sentence without a full stop, such as "P95 latency 350.2ms exceeds threshold 250ms".

    Args:
        finding: a FAIL.
    """
    objective = finding.objective
    subject = _subject(objective.metric)
    if objective.scope is not None:
        subject += f" of {objective.scope}"
    threshold = f"threshold {_limit(objective.limit, objective.metric.unit)}"
    window = objective.window
    if window is not None and window.kind is WindowKind.FOR:
        verb = "exceeds" if objective.comparison.is_upper else "stays below"
        return f"{subject} {verb} {threshold} for {window.length} in a row ({_when(finding)})"
    observed, verb = _observed(finding), _verb(finding)
    if window is None:
        return f"{subject} {observed} {verb} {threshold}"
    where = f"within {window.length} ({_span(finding, window)})"
    if finding.unit is objective.metric.unit:
        return f"{subject} {observed} {verb} {threshold} {where}"
    allowed = _limit(finding.limit, finding.unit)
    return f"{subject} exceeds {threshold} {where}: {observed} of requests, {allowed} allowed"


def _subject(metric: Metric) -> str:
    match metric:
        case Percentile(percent=percent, phase=phase):
            return f"P{percent:.15g} {_PHASES[phase]}"
        case Mean(phase=phase):
            return f"Mean {_PHASES[phase]}"
        case Maximum(phase=phase):
            return f"Maximum {_PHASES[phase]}"
        case ErrorRate():
            return "Error rate"
        case StatusRate():
            return f"Status {metric.word} rate"
        case Throughput():
            return "Throughput"
        case _:
            assert_never(metric)


def _verb(finding: Finding) -> str:
    observed = finding.observed
    if observed == finding.limit:
        return "only reaches" if not finding.comparison.is_upper else "reaches"
    return "exceeds" if finding.comparison.is_upper else "below"


def _observed(finding: Finding) -> str:
    """A decimal and two digits at least, and as many as show that the limit is violated."""
    value = math.nan if finding.observed is None else finding.observed
    unit, limit = _UNITS[finding.unit], finding.limit
    least = 1 if value >= 1 or value <= 0 else min(MOST_DECIMALS, 1 - math.floor(math.log10(value)))
    for decimals in range(least, MOST_DECIMALS):
        text = f"{value:.{decimals}f}"
        if _side(float(text), limit) == _side(value, limit):
            return text + unit
    return f"{value:.{MOST_DECIMALS}f}{unit}"


def _side(value: float, limit: float) -> int:
    return (value > limit) - (value < limit)


def _limit(limit: float, unit: Unit) -> str:
    return f"{limit:.15g}{_UNITS[unit]}"


def _span(finding: Finding, window: Window) -> str:
    return f"{finding.until_s - window.seconds:.0f}s to {finding.until_s:.0f}s"


def _when(finding: Finding) -> str:
    return f"{finding.since_s or 0.0:.0f}s to {finding.until_s:.0f}s"
