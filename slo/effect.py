"""How much worse the canary is: a ratio or a difference with its interval. Pure.

With enough requests any difference is proven, also one that nobody would notice; evidence that
there is one does not say how large it is. This does: percentiles by their ratio, errors by
percentage points. Where requests are independent the intervals are those of order statistics
and of Wilson; where they come in bursts, those of the block bootstrap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from slo import interval
from slo.blocks import LEAST_BLOCKS, redrawn_shares, redrawn_times_ms, spread
from slo.fault import Slow, tally
from slo.interval import CONFIDENCE, Interval
from slo.metric import Phase, Unit

if TYPE_CHECKING:
    import numpy.typing as npt

    from slo.blocks import Arms, PairedBlocks
    from slo.compare import Margin
    from slo.fault import Fault

__all__ = ["Effect", "effect"]

BURSTY = 1.5
"""From this dispersion of the blocks on, requests are not taken for independent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The canary beside the baseline.

    Attributes:
        baseline, canary: in `unit`; None without a value.
        unit: milliseconds; percent of the requests.
        ratio: canary / baseline; None when that is no number.
        interval: of the ratio when the unit is ms, of the difference in percentage points when
            it is percent; None when the sample gives none.
        bootstrapped: the interval is that of drawn blocks.
        worse: the whole interval is beyond the margin.
    """

    baseline: float | None
    canary: float | None
    unit: Unit
    ratio: float | None
    interval: Interval | None
    bootstrapped: bool
    worse: bool


def effect(
    fault: Fault,
    arms: Arms,
    blocks: PairedBlocks,
    margin: Margin,
    *,
    confidence: float = CONFIDENCE,
) -> Effect:
    """Measures how much worse the canary is.

    Args:
        fault: what is looked at; a slow one is measured by its percentile.
        arms: what both did in all.
        blocks: the same, block by block.
        margin: what is still the same.
        confidence: of the interval, 0..1.
    """
    drawn = blocks if blocks.full and spread(fault, blocks) > BURSTY else None
    if isinstance(fault, Slow):
        return _of_times(fault, arms, drawn, margin.ratio, confidence)
    return _of_shares(fault, arms, drawn, margin, confidence)


def _of_times(
    fault: Slow, arms: Arms, drawn: PairedBlocks | None, margin_ratio: float, confidence: float
) -> Effect:
    q = fault.percentile.q
    before, after = arms.baseline.time(Phase.LATENCY), arms.canary.time(Phase.LATENCY)
    before_ms, after_ms = before.percentile_ms(q), after.percentile_ms(q)
    of_after, of_before = (interval.quantile_ms(each, q, confidence) for each in (after, before))
    ratio = range_ = None
    if before_ms and after_ms and of_after is not None and of_before is not None:
        ratio = after_ms / before_ms
        if drawn is None:
            of_log = interval.log_ratio(after_ms, of_after, before_ms, of_before)
            range_ = Interval(
                low=math.exp(of_log.low), high=math.exp(of_log.high), confidence=confidence
            )
        else:
            baselines_ms, canaries_ms = redrawn_times_ms(drawn, q)
            with np.errstate(invalid="ignore", divide="ignore"):
                range_ = _middle(canaries_ms / baselines_ms, drawn, confidence)
    return Effect(
        baseline=before_ms,
        canary=after_ms,
        unit=Unit.MS,
        ratio=ratio,
        interval=range_,
        bootstrapped=drawn is not None,
        worse=range_ is not None and range_.low > 1 + margin_ratio,
    )


def _of_shares(
    fault: Fault, arms: Arms, drawn: PairedBlocks | None, margin: Margin, confidence: float
) -> Effect:
    before, after = tally(fault, arms.baseline), tally(fault, arms.canary)
    old, new = 100 * before.share, 100 * after.share
    range_ = None
    if before.n and after.n and drawn is None:
        of_new, of_old = (
            interval.wilson(each.bad, each.n, confidence).scaled(100) for each in (after, before)
        )
        range_ = interval.difference(new, of_new, old, of_old)
    elif before.n and after.n and drawn is not None:
        baselines, canaries = redrawn_shares(fault, drawn)
        range_ = _middle(100 * (canaries - baselines), drawn, confidence)
    points = max(margin.error_points, margin.ratio * old)
    return Effect(
        baseline=old if before.n else None,
        canary=new if after.n else None,
        unit=Unit.PERCENT,
        ratio=new / old if before.bad and after.n else None,
        interval=range_,
        bootstrapped=drawn is not None,
        worse=range_ is not None and range_.low > points,
    )


def _middle(
    values: npt.NDArray[np.float64], drawn: PairedBlocks, confidence: float
) -> Interval | None:
    """The middle part of what the draws gave; None from too few blocks to draw from."""
    if len(drawn.full) < LEAST_BLOCKS or not np.isfinite(values).all():
        return None
    low, high = np.quantile(values, ((1 - confidence) / 2, (1 + confidence) / 2))
    return Interval(low=float(low), high=float(high), confidence=confidence)
