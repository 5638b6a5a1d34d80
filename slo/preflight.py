"""What a canary verification will be able to see, said before anything is sent. Pure.

Nothing is measured yet, so response times are taken for lognormal with a typical skew, errors
for none and requests for independent; the verdict in the end goes by what was measured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slo.detector import Detector, Look, allot, looks, watched_objectives
from slo.metric import Percentile
from slo.policy import Policy
from slo.power import POWERED, Design, Regression, found, more_errors, needed_s, typical_slower

if TYPE_CHECKING:
    from slo.objective import Objective

__all__ = ["Preflight", "preflight"]

PERCENTILE = Percentile(percent=99)
RATIOS = (1.1, 1.2, 1.3, 1.5, 2.0, 3.0, 5.0, 10.0)
ERROR_POINTS = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """What a comparison will be able to see.

    Attributes:
        finds_ratio: the smallest ratio of RATIOS that is found in the p99; None when none is.
        finer_ratio: the next smaller one; None when there is none.
        finer_s: how long that would take, in seconds; None when a day is not enough.
        error_points: the smallest rise of the error rate that is found; None when none is.
        can_pass: the regression that matters to the policy is found, so that PASS is possible.
        text: all of it in a line.
    """

    finds_ratio: float | None
    finer_ratio: float | None
    finer_s: float | None
    error_points: float | None
    can_pass: bool
    text: str


def preflight(
    *,
    duration_s: float,
    rate_rps: float,
    objectives: Sequence[Objective] = (),
    endpoints: Sequence[str] = (),
    policy: Policy | None = None,
) -> Preflight:
    """Says what a comparison can see of all endpoints together.

    Args:
        duration_s: of the comparison, without the calibration.
        rate_rps: requests per second and arm.
        objectives: of the user; the more are watched, the less alpha each of them has.
        endpoints: by name.
        policy: what is to be found.
    """
    asked = policy or Policy()
    design = Design(
        duration_s=duration_s,
        rate_rps=rate_rps,
        alpha=_alpha(asked.alpha, watched_objectives(objectives, endpoints), endpoints),
    )

    def by(ratio: float) -> Regression:
        return typical_slower(PERCENTILE, ratio, asked.margin)

    def errors(points: float) -> Regression:
        return more_errors(0.0, points, asked.margin)

    finds = _smallest(design, RATIOS, by)
    error_points = _smallest(design, ERROR_POINTS, errors)
    finer = max((each for each in RATIOS if finds is None or each < finds), default=None)
    finer_s = None if finer is None else needed_s(design, by(finer))
    matters = (by(asked.ratio), errors(asked.error_points))
    can_pass = all(found(design, each) >= POWERED for each in matters)
    seen = _seen(finds, error_points)
    if finer is not None:
        seen += f"; {finer:g}× would need {_length(finer_s)}"
    if not can_pass:
        seen += f"; too little for PASS, which takes {asked.ratio:g}×"
    return Preflight(
        finds_ratio=finds,
        finer_ratio=finer,
        finer_s=finer_s,
        error_points=error_points,
        can_pass=can_pass,
        text=f"{duration_s:.0f} s at {rate_rps:g} requests/s per arm: {seen}",
    )


def _alpha(alpha: float, objectives: Sequence[Objective], endpoints: Sequence[str]) -> float:
    """The part of alpha that the look at the p99 of everything has."""
    look = Look(scope=None, detector=Detector.RELATIVE, subject=PERCENTILE.text)
    return allot(alpha, looks(objectives, endpoints))[look]


def _smallest(
    design: Design, sizes: Sequence[float], regression: Callable[[float], Regression]
) -> float | None:
    return next((each for each in sizes if found(design, regression(each)) >= POWERED), None)


def _seen(finds: float | None, error_points: float | None) -> str:
    if finds is None:
        seen = f"does not even find {PERCENTILE.text} {RATIOS[-1]:g}× worse"
    else:
        seen = f"finds {PERCENTILE.text} {finds:g}× worse"
    if error_points is None:
        return seen
    joined = ", but" if finds is None else " and"
    points = f"{error_points:g} point{'s' if error_points != 1 else ''}"
    return f"{seen}{joined} {points} more errors"


def _length(seconds: float | None) -> str:
    if seconds is None:
        return "more than a day"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
