"""What a comparison can see: how likely it finds a regression of a given size. Pure.

A regression is found when two things happen. The sign test must reach its evidence: with the
chance w that a block which is no tie is the canary's, the number of won blocks is binomial. And
the effect must stand out of the margin by its standard error. Both are closed formulas:

    P(S >= s),  S ~ Binomial(N, w),  s the fewest wins of N that are enough
    Phi((effect - margin) / standard error - z)

The smaller one is taken. The first looks at the end only, the real test at every
block, so that it finds a little more than this says. Blocks that a burst disturbs are coin flips.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from slo.interval import CONFIDENCE, two_sided_z
from slo.pairs import BLOCK_S
from slo.sequential import log_evidence_above
from slo.special import log_beta_tails

if TYPE_CHECKING:
    import numpy.typing as npt

    from slo.compare import Margin
    from slo.metric import Percentile

__all__ = [
    "POWERED",
    "Design",
    "Regression",
    "found",
    "more_errors",
    "needed_s",
    "slower",
    "typical_slower",
]

POWERED = 0.8
"""A regression that is found with this chance counts as one that would have been found."""
TYPICAL_SIGMA = 1.0
"""Of a lognormal response time whose p99 is ten times its median, before any was measured."""
LONGEST_S = 86_400
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """How a comparison is laid out.

    Attributes:
        duration_s: of the comparison, without the calibration.
        rate_rps: requests per second and arm.
        alpha: of the one look that is asked about, 0..1.
        block_s: seconds of a block.
        disturbed_ratio: of the blocks of a pair of arms, those with a burst, 0..1.
        dispersion: of the blocks, 1 or more: by so much is an estimate's variance larger.
    """

    duration_s: float
    rate_rps: float
    alpha: float
    block_s: int = BLOCK_S
    disturbed_ratio: float = 0.0
    dispersion: float = 1.0

    @property
    def n(self) -> float:
        """Requests of an arm."""
        return self.duration_s * self.rate_rps


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """What may have become worse, as the detector and the effect see it.

    Attributes:
        baseline_share: of bad requests, 0..1.
        canary_share: the same with the regression.
        effect: its size, in any unit.
        margin: up to which effect it does not count, in that unit.
        deviation: standard error of the effect times the root of an arm's requests.
        least_n: requests of an arm that it takes to speak of it at all.
    """

    baseline_share: float
    canary_share: float
    effect: float
    margin: float
    deviation: float
    least_n: int = 1


def slower(
    percentile: Percentile, ratio: float, slow_share: float, deviation: float, margin: Margin
) -> Regression:
    """A percentile that became larger.

    Args:
        percentile: whose value is the limit of what is slow.
        ratio: how many times larger, more than 1.
        slow_share: of the canary's requests that are then beyond the limit: those of the
            baseline beyond limit / ratio.
        deviation: standard error of ln(ratio) times the root of an arm's requests.
        margin: what is still the same.
    """
    return Regression(
        baseline_share=percentile.share_beyond,
        canary_share=slow_share,
        effect=math.log(ratio),
        margin=math.log1p(margin.ratio),
        deviation=deviation,
        least_n=percentile.least_n,
    )


def typical_slower(percentile: Percentile, ratio: float, margin: Margin) -> Regression:
    """As `slower` for lognormal response times of a typical skew: nothing is measured yet."""
    z = _NORMAL.inv_cdf(percentile.q)
    spread = math.sqrt(percentile.q * percentile.share_beyond) / _NORMAL.pdf(z)
    return slower(
        percentile,
        ratio,
        1 - _NORMAL.cdf(z - math.log(ratio) / TYPICAL_SIGMA),
        math.sqrt(2) * TYPICAL_SIGMA * spread,
        margin,
    )


def more_errors(usual_share: float, points: float, margin: Margin) -> Regression:
    """An error rate that became larger.

    Args:
        usual_share: the baseline's, 0..1.
        points: by how many percentage points.
        margin: what is still the same.
    """
    share = min(1.0, usual_share + points / 100)
    variance = usual_share * (1 - usual_share) + share * (1 - share)
    return Regression(
        baseline_share=usual_share,
        canary_share=share,
        effect=points,
        margin=max(margin.error_points, margin.ratio * 100 * usual_share),
        deviation=100 * math.sqrt(variance),
    )


def found(design: Design, regression: Regression) -> float:
    """The chance that a regression is found, 0..1."""
    if design.n < regression.least_n:
        return 0.0
    return min(_proven(design, regression), _stands_out(design, regression))


def needed_s(design: Design, regression: Regression) -> float | None:
    """How long it takes to find a regression with the chance POWERED.

    Returns:
        Seconds, to within a block; None when a day is not enough.
    """

    def enough(duration_s: float) -> bool:
        return found(replace(design, duration_s=duration_s), regression) >= POWERED

    low, high = 0, 1
    while not enough(high * design.block_s):
        low, high = high, 2 * high
        if high * design.block_s > LONGEST_S:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle * design.block_s) else (middle, high)
    return float(high * design.block_s)


def _stands_out(design: Design, regression: Regression) -> float:
    """The chance that the interval of the effect lies beyond the margin."""
    error = regression.deviation * math.sqrt(design.dispersion / max(1.0, design.n))
    if not error:
        return float(regression.effect > regression.margin)
    ahead = (regression.effect - regression.margin) / error
    return _NORMAL.cdf(ahead - two_sided_z(CONFIDENCE))


def _proven(design: Design, regression: Regression) -> float:
    """The chance that the sign test has enough evidence at the end."""
    in_block = design.rate_rps * design.block_s
    win, tie = _win_and_tie(
        in_block * regression.baseline_share, in_block * regression.canary_share
    )
    calm = 1 - design.disturbed_ratio
    decided = 1 - calm * tie
    blocks = int(design.duration_s / design.block_s * decided)
    least = _least_wins(blocks, -math.log(design.alpha))
    if least > blocks:
        return 0.0
    chance = (calm * win + design.disturbed_ratio / 2) / decided
    below, _ = log_beta_tails(least, blocks - least + 1, min(1 - 1e-12, chance))
    return math.exp(float(below))


def _least_wins(blocks: int, needed: float) -> int:
    """The fewest won blocks that are enough evidence; blocks + 1 when all of them are not."""
    return bisect_left(
        range(blocks + 1),
        needed,
        lo=blocks // 2,
        key=lambda wins: float(log_evidence_above(wins, blocks, 0.5)),
    )


def _win_and_tie(baseline_mean: float, canary_mean: float) -> tuple[float, float]:
    """The chances that the canary has more bad requests in a block, and that both have as many.

    Both counts are Poisson: bad requests are rare, or the chance of a tie does not matter.
    """
    most = math.ceil(max(baseline_mean, canary_mean) * 1.5 + 12 * math.sqrt(canary_mean + 1) + 20)
    of_baseline, of_canary = _poisson(baseline_mean, most), _poisson(canary_mean, most)
    fewer = np.concatenate(([0.0], of_baseline.cumsum()[:-1]))
    return float(of_canary @ fewer), float(of_canary @ of_baseline)


def _poisson(mean: float, most: int) -> npt.NDArray[np.float64]:
    """The chances of 0, 1, ..., most events."""
    if not mean:
        return np.eye(1, most + 1, dtype=np.float64).ravel()
    steps = math.log(mean) - np.log(np.arange(1, most + 1))
    chances: npt.NDArray[np.float64] = np.exp(np.concatenate(([0.0], steps.cumsum())) - mean)
    return chances
