"""The detectors of a canary verification, and how they share the chance of a false alarm. Pure.

Many look at once, for all endpoints together and for each. If each took the whole alpha, twenty
would cry wolf twenty times as often. The shares add up to alpha (Bonferroni), so that the
verification as a whole keeps it, however they depend on each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from slo.budget import allowed_share
from slo.fault import Failed, NewStatus
from slo.metric import ErrorRate, Percentile, Phase
from slo.objective import Comparison, Objective

__all__ = [
    "ERROR_BUDGET_PERCENT",
    "PERCENTILES",
    "Detector",
    "Look",
    "allot",
    "is_of_times",
    "looks",
    "watched_objectives",
]

PERCENTILES = (Percentile(percent=50), Percentile(percent=95), Percentile(percent=99))
ERROR_BUDGET_PERCENT = 0.5
"""Where no objective says how many requests may fail."""
OUTAGE_PART = 0.25
"""Of alpha, for errors of everything, fast: what has to be found within seconds."""


class Detector(StrEnum):
    """What a verdict can rest on.

    FAST, SLOW: the canary against a budget. RELATIVE: the canary against the baseline.
    OBJECTIVE: a load test against an objective. SHADOW: answers that differ from production's.
    CALIBRATION: the baseline against itself. POWER, DATA, GENERATOR: what could not be seen.
    """

    FAST = "absolute fast"
    SLOW = "absolute slow"
    RELATIVE = "relative"
    OBJECTIVE = "objective"
    SHADOW = "shadow"
    CALIBRATION = "calibration"
    POWER = "power"
    DATA = "data"
    GENERATOR = "generator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One thing that one detector looks at.

    Attributes:
        scope: an endpoint; None is all together.
        detector: FAST, SLOW or RELATIVE.
        subject: an objective's condition or a fault's name.
    """

    scope: str | None
    detector: Detector
    subject: str


def watched_objectives(
    objectives: Sequence[Objective], endpoints: Sequence[str]
) -> tuple[Objective, ...]:
    """The objectives that have a budget, and an error budget for each scope that has none.

    Args:
        objectives: of the user; those without a budget are left out.
        endpoints: by name.
    """
    own = [each for each in objectives if allowed_share(each) is not None]
    budgeted = {each.scope for each in own if isinstance(each.metric, ErrorRate)}
    added = (
        Objective(
            metric=ErrorRate(),
            comparison=Comparison.AT_MOST,
            limit=ERROR_BUDGET_PERCENT,
            scope=scope,
        )
        for scope in (None, *_several(endpoints))
        if scope not in budgeted
    )
    return (*own, *added)


def looks(objectives: Sequence[Objective], endpoints: Sequence[str]) -> tuple[Look, ...]:
    """All that is looked at when no percentile lacks requests.

    Args:
        objectives: with a budget.
        endpoints: by name; a single one is all there is, and not looked at twice.
    """
    absolute = (
        Look(scope=each.scope, detector=detector, subject=each.condition)
        for each in objectives
        for detector in (Detector.FAST, Detector.SLOW)
    )
    relative = (
        Look(scope=scope, detector=Detector.RELATIVE, subject=subject)
        for scope in (None, *_several(endpoints))
        for subject in (
            *(Failed().text, NewStatus(known=frozenset()).text),
            *(each.text for each in PERCENTILES),
            *(each.condition for each in objectives if each.scope == scope and is_of_times(each)),
        )
    )
    return (*absolute, *relative)


def is_of_times(objective: Objective) -> bool:
    """True when both arms can be compared by how many response times break the objective."""
    metric = objective.metric
    return isinstance(metric, Percentile) and metric.phase is Phase.LATENCY


def allot(alpha: float, what: Sequence[Look]) -> Mapping[Look, float]:
    """The alpha of each look; together at most alpha.

    A quarter goes to the fast looks at the error rate of everything. Of the rest, all
    endpoints together get as much as the single ones have in all.

    Args:
        alpha: the chance of a false alarm of the whole verification, 0..1.
        what: everything that is looked at.
    """
    outage = [each for each in what if _is_outage(each)]
    rest = [each for each in what if not _is_outage(each)]
    for_rest = alpha * (1 - OUTAGE_PART if outage else 1)
    whole = sum(each.scope is None for each in rest)
    single = len(rest) - whole
    parts = {True: whole, False: single}
    share = for_rest / 2 if whole and single else for_rest
    shares = {each: alpha * OUTAGE_PART / len(outage) for each in outage}
    return shares | {each: share / parts[each.scope is None] for each in rest}


def _is_outage(look: Look) -> bool:
    is_error_rate = look.subject.startswith(ErrorRate().text)
    return look.scope is None and look.detector is Detector.FAST and is_error_rate


def _several(endpoints: Sequence[str]) -> Sequence[str]:
    return endpoints if len(endpoints) > 1 else ()
