"""Would a regression that matters have been found, had there been one? Pure.

The formulas are those of `slo.power`, fed with what was measured: the response times of the
baseline, the bursts of the calibration, and the interval that the comparison reached.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from slo import reason
from slo.detector import PERCENTILES, Detector, Look
from slo.fault import Failed, Slow
from slo.interval import two_sided_z
from slo.metric import Phase, Unit
from slo.power import POWERED, Design, Regression, found, more_errors, slower

if TYPE_CHECKING:
    from slo.calibration import Calibration, Noise
    from slo.canary_watch import ScopeWatch
    from slo.effect import Effect
    from slo.policy import Policy
    from slo.reason import Reason

__all__ = ["Chance", "chances", "unseen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """How likely a regression would have been found.

    Attributes:
        scope: an endpoint; None is all together.
        size: which, such as "p99 1.5× worse".
        found: 0..1.
    """

    scope: str | None
    size: str
    found: float

    @property
    def enough(self) -> bool:
        """It would have been found."""
        return self.found >= POWERED


def chances(
    scope: ScopeWatch,
    calibration: Calibration,
    alphas: Mapping[Look, float],
    policy: Policy,
) -> tuple[Chance, ...]:
    """The chances in one scope, of errors and of each percentile.

    Args:
        scope: at the end of the comparison.
        calibration: before it.
        alphas: by look.
        policy: says which regressions matter.

    Returns:
        A percentile that the calibration had too few requests for has no chance.
    """
    known = [
        Chance(
            scope=scope.scope,
            size=_size(noise, policy),
            found=_found(noise, scope, calibration, alphas, policy),
        )
        for noise in scope.noise
        if isinstance(noise.fault, Failed | Slow)
    ]
    measured = {noise.fault.text for noise in scope.noise}
    unknown = [
        Chance(scope=scope.scope, size=f"{each.text} {policy.ratio:g}× worse", found=0.0)
        for each in PERCENTILES
        if each.text not in measured
    ]
    return (*known, *unknown)


def unseen(found: Sequence[Chance]) -> tuple[Reason, ...]:
    """A sentence for each scope in which something would have been missed.

    Args:
        found: of all scopes, those of one after each other.
    """
    missed = [each for each in found if not each.enough]
    return tuple(
        reason.blind(scope, {each.size: each.found for each in of})
        for scope, of in (
            (scope, list(of)) for scope, of in groupby(missed, lambda each: each.scope)
        )
    )


def _size(noise: Noise, policy: Policy) -> str:
    if isinstance(noise.fault, Failed):
        points = f"{policy.error_points:g} point{'s' if policy.error_points != 1 else ''}"
        return f"{points} more errors"
    return f"{noise.fault.text} {policy.ratio:g}× worse"


def _found(
    noise: Noise,
    scope: ScopeWatch,
    calibration: Calibration,
    alphas: Mapping[Look, float],
    policy: Policy,
) -> float:
    if not scope.n:
        return 0.0
    look = Look(scope=scope.scope, detector=Detector.RELATIVE, subject=noise.fault.text)
    design = Design(
        duration_s=float(scope.seconds),
        rate_rps=scope.n / scope.seconds,
        alpha=alphas[look],
        block_s=noise.block_s,
        disturbed_ratio=noise.disturbed_ratio,
        dispersion=noise.dispersion,
    )
    return found(design, _regression(noise, scope, calibration, policy))


def _regression(
    noise: Noise, scope: ScopeWatch, calibration: Calibration, policy: Policy
) -> Regression:
    if not isinstance(noise.fault, Slow):
        return more_errors(noise.usual.share, policy.error_points, policy.margin)
    times = calibration.baseline[scope.scope].time(Phase.LATENCY)
    beyond = times.count_from(round(noise.fault.limit_ns / policy.ratio)) / max(1, times.n)
    # The interval holds the bursts already; `found` would count them a second time.
    error = _error_of_log(scope.effect(noise)) / math.sqrt(noise.dispersion)
    return slower(
        noise.fault.percentile, policy.ratio, beyond, error * math.sqrt(scope.n), policy.margin
    )


def _error_of_log(effect: Effect) -> float:
    """Standard error of ln(ratio), from its interval; infinite without one."""
    range_ = effect.interval
    if range_ is None or effect.unit is not Unit.MS or range_.low <= 0:
        return math.inf
    return (math.log(range_.high) - math.log(range_.low)) / (2 * two_sided_z(range_.confidence))
