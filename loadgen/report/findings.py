"""What became of objectives, in words: the value, its interval, the limit, and why. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from loadgen.report.numbers import NOTHING, decimal, percent
from slo.metric import Unit
from slo.sentence import violation
from slo.verdict import Verdict

if TYPE_CHECKING:
    from slo.verdict import Finding

__all__ = ["amount", "interval", "limit", "observed", "sentence"]

_UNITS = {Unit.MS: " ms", Unit.PERCENT: " %", Unit.PER_S: " req/sec", Unit.S: " s"}


def amount(value: float | None, unit: Unit) -> str:
    """A value with its unit: 350.2 ms, 1.20 %, 850.5 req/sec; NOTHING without a value."""
    if value is None:
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    number = percent(value) if unit is Unit.PERCENT else decimal(value)
    return f"{number}{_UNITS[unit]}"


def observed(finding: Finding) -> str:
    """What was measured."""
    return amount(finding.observed, finding.unit)


def limit(finding: Finding) -> str:
    """What must hold: "< 250.0 ms"."""
    return f"{finding.comparison} {amount(finding.limit, finding.unit)}"


def interval(finding: Finding) -> str:
    """Where the true value lies: "340.1 ms to 361.0 ms"; NOTHING when that is not known."""
    range_ = finding.interval
    if range_ is None:
        return NOTHING
    return f"{amount(range_.low, finding.unit)} to {amount(range_.high, finding.unit)}"


def sentence(finding: Finding) -> str:
    """How it was violated, or why nothing can be said; "" when it is met. Without a full stop."""
    if finding.verdict is Verdict.FAIL:
        return violation(finding)
    return finding.reason.removesuffix(".")
