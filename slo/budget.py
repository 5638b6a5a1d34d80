"""Evidence that the bad share of an arm exceeds a budget, block by block of seconds. Pure.

A gambler who bets against "in no block more than p0 are expected to be bad" starts with 1 and
stakes a part of his wealth on each block; Y is its share of bad requests, 0..1:

    W  <-  W (1 + g (Y / p0 - 1)),     0 < g < 1

While the hypothesis is true no stake gains on average, so W is a supermartingale and the
chance that it *ever* reaches 1/alpha is at most alpha (Ville). Nothing is assumed of the
requests within a block: a stall that makes a thousand of them bad is one bad block. Several
gamblers, one for each g, share the wealth, since nobody knows the best g beforehand.

Two paces, after the burn rates of the SRE workbook. Slow: long blocks against the budget
itself. Fast: short blocks against a gross excess; it bets only after a block that was grossly
bad, so that it loses nothing while all is well and is as quick after an hour as at the start.

Source: Waudby-Smith and Ramdas, JRSS B 86 (2024), arXiv 2010.09686; Beyer et al., The Site
Reliability Workbook (2018), chapter 5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from slo.fault import NOTHING, Tally
from slo.metric import ErrorRate, Percentile, StatusRate

if TYPE_CHECKING:
    import numpy.typing as npt

    from slo.objective import Objective

__all__ = ["BudgetTrial", "Pace", "allowed_share", "bet", "gross_share", "trial"]

GROSS_BURN = 14.4
"""An hour at this burn rate takes 2 % of a month's budget: the workbook's reason to wake people."""
GROSS_SHARE = 0.075
"""A gross excess need not be grosser than this, unless four times the budget are."""
FAST_BETS = (0.5, 0.8, 0.95)
SLOW_BETS = (0.003, 0.01, 0.03, 0.1, 0.3, 0.5, 0.8)
FAST_BLOCK_S = 1
SLOW_BLOCK_S = 10


class Pace(StrEnum):
    """How a budget is watched: for a gross excess within seconds, or for any within minutes."""

    FAST = "fast"
    SLOW = "slow"


def allowed_share(objective: Objective) -> float | None:
    """The share of requests that an objective allows to be bad, 0..1; None when it has none.

    p99 < L allows 1 % to take L or longer. Means, maxima, throughputs and least shares are no
    budgets, and neither is an objective that allows nothing or everything.
    """
    match objective.metric:
        case Percentile() as metric:
            share = metric.share_beyond
        case ErrorRate() | StatusRate() if objective.comparison.is_upper:
            share = objective.limit / 100
        case _:
            return None
    return share if 0 < share < 1 else None


def gross_share(budget: float) -> float:
    """The share that is a gross excess of a budget, 0..1; more than the budget."""
    return max(min(GROSS_BURN * budget, GROSS_SHARE), min(4 * budget, (1 + budget) / 2))


def bet(
    log_wealth: npt.NDArray[np.float64],
    share: npt.ArrayLike,
    limit: npt.ArrayLike,
    bets: tuple[float, ...],
) -> npt.NDArray[np.float64]:
    """The logarithms of the wealth after one more block.

    Args:
        log_wealth: before it, shape (..., len(bets)).
        share: of bad requests in the block, 0..1, shape (...).
        limit: p0, shape (...) or a number.
        bets: g of each gambler.
    """
    burn = np.asarray(share, dtype=np.float64) / np.asarray(limit, dtype=np.float64)
    gain = np.asarray(bets) * (burn[..., np.newaxis] - 1)
    after: npt.NDArray[np.float64] = log_wealth + np.log1p(gain)
    return after


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetTrial:
    """A budget on trial, second by second. A value: it can be stored and gone on with.

    Attributes:
        limit: p0, 0 < p0 < 1.
        block_s: seconds of a block.
        bets: g of each gambler.
        from_share: bets only after a block with at least this share of bad requests.
        log_wealth: of each gambler; () before the first block.
        last_share: of the last block.
        block, filled_s: the open block: its requests, its seconds.
        seconds: so far.
        drift: how far the bad shares have lately been above the limit, added up.
        drift_since_s: since when they have.
        lately: the requests since then.
        whole: all requests of closed blocks.
    """

    limit: float
    block_s: int
    bets: tuple[float, ...]
    from_share: float = 0.0
    log_wealth: tuple[float, ...] = ()
    last_share: float = 0.0
    block: Tally = NOTHING
    filled_s: int = 0
    seconds: int = 0
    drift: float = 0.0
    drift_since_s: int = 0
    lately: Tally = NOTHING
    whole: Tally = NOTHING

    @property
    def log_evidence(self) -> float:
        """Natural logarithm of the evidence, now; log(1/alpha) and more proves the excess."""
        if not self.log_wealth:
            return 0.0
        return float(np.logaddexp.reduce(self.log_wealth)) - math.log(len(self.bets))

    def second(self, seen: Tally) -> BudgetTrial:
        """The trial after one more second with these requests."""
        later = replace(
            self,
            block=self.block + seen,
            filled_s=self.filled_s + 1,
            seconds=self.seconds + 1,
        )
        return later if later.filled_s < self.block_s else later._closed()

    def _closed(self) -> BudgetTrial:
        opened = replace(self, block=NOTHING, filled_s=0)
        if not self.block.n:
            return opened
        share = self.block.share
        wealth = np.array(self.log_wealth or (0.0,) * len(self.bets))
        if self.last_share >= self.from_share:
            wealth = bet(wealth, share, self.limit, self.bets)
        goes_on = self.drift > 0
        drift = max(0.0, self.drift + share - self.limit)
        return replace(
            opened,
            log_wealth=tuple(wealth.tolist()),
            last_share=share,
            drift=drift,
            drift_since_s=self.drift_since_s if goes_on else self.seconds - self.block_s,
            lately=(self.lately if goes_on else NOTHING) + self.block,
            whole=self.whole + self.block,
        )


def trial(budget: float, pace: Pace, *, burst_block_s: int = 0) -> BudgetTrial:
    """A trial of a budget that begins.

    Args:
        budget: the share that may be bad, 0 < budget < 1.
        pace: fast or slow.
        burst_block_s: the shortest block that bursts allow; 0 where there are none.
    """
    if pace is Pace.SLOW:
        return BudgetTrial(limit=budget, block_s=max(SLOW_BLOCK_S, burst_block_s), bets=SLOW_BETS)
    limit = gross_share(budget)
    return BudgetTrial(
        limit=limit,
        block_s=max(FAST_BLOCK_S, burst_block_s),
        bets=FAST_BETS,
        from_share=min(2 * limit, (1 + limit) / 2),
    )
