"""Evidence that the canary is worse than the baseline: who had more bad requests, block by block.

Both arms get the same requests in the same seconds. Where they are alike, each of them is as
likely as the other to have more bad requests in a block of seconds, whatever the load, the
time of day or the neighbours do to both; ties say nothing. The sign test counts the blocks
that the canary "wins". Its evidence is `slo.sequential`'s with p0 = 1/2, so looking is free.
A stall of an arm is one won block, not a thousand bad requests, as long as blocks are longer
than stalls. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from slo.fault import NOTHING, Tally
from slo.sequential import log_evidence_above

__all__ = ["BLOCK_S", "PairTrial", "thinned"]

BLOCK_S = 5
"""A block is at least so many seconds long: longer than the pauses of a garbage collector."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairTrial:
    """Two arms on trial, second by second. A value: it can be stored and gone on with.

    Attributes:
        block_s: seconds of a block.
        seed: of the lots that are drawn when one arm had more requests than the other.
        wins: blocks in which the canary had more bad requests.
        losses: blocks in which the baseline had.
        ties: blocks in which both had the same.
        baseline, canary: the requests of the open block.
        filled_s: its seconds.
        seconds: so far.
        drift: how many more blocks the canary has lately won than lost.
        drift_since_s: since when it has.
    """

    block_s: int = BLOCK_S
    seed: int = 0
    wins: int = 0
    losses: int = 0
    ties: int = 0
    baseline: Tally = NOTHING
    canary: Tally = NOTHING
    filled_s: int = 0
    seconds: int = 0
    drift: int = 0
    drift_since_s: int = 0

    @property
    def blocks(self) -> int:
        """Closed blocks in which both arms had requests."""
        return self.wins + self.losses + self.ties

    @property
    def log_evidence(self) -> float:
        """Natural logarithm of the evidence that the canary is worse, now."""
        return float(log_evidence_above(self.wins, self.wins + self.losses, 0.5))

    @property
    def log_evidence_better(self) -> float:
        """Natural logarithm of the evidence that the canary is better, now."""
        return float(log_evidence_above(self.losses, self.wins + self.losses, 0.5))

    def lacking(self, needed: float) -> int:
        """The fewest blocks that prove it from here on: the canary wins every one of them.

        Args:
            needed: natural logarithm of the evidence that is enough.
        """
        more = 0
        while self._log_evidence_after(more) < needed:
            more += 1
        return more

    def second(self, baseline: Tally, canary: Tally) -> PairTrial:
        """The trial after one more second with these requests."""
        later = replace(
            self,
            baseline=self.baseline + baseline,
            canary=self.canary + canary,
            filled_s=self.filled_s + 1,
            seconds=self.seconds + 1,
        )
        return later if later.filled_s < self.block_s else later._closed()

    def _log_evidence_after(self, more: int) -> float:
        wins = self.wins + more
        return float(log_evidence_above(wins, wins + self.losses, 0.5))

    def _closed(self) -> PairTrial:
        opened = replace(self, baseline=NOTHING, canary=NOTHING, filled_s=0)
        n = min(self.baseline.n, self.canary.n)
        if not n:
            return opened
        lots = np.random.default_rng((self.seed, self.seconds))
        lead = thinned(self.canary, n, lots) - thinned(self.baseline, n, lots)
        sign = (lead > 0) - (lead < 0)
        drift = max(0, self.drift + sign)
        return replace(
            opened,
            wins=self.wins + (sign > 0),
            losses=self.losses + (sign < 0),
            ties=self.ties + (sign == 0),
            drift=drift,
            drift_since_s=self.drift_since_s if self.drift else self.seconds - self.block_s,
        )


def thinned(arm: Tally, n: int, lots: np.random.Generator) -> int:
    """The bad ones among n requests that are drawn by lot from an arm.

    An arm with more requests would have more bad ones by that alone.

    Args:
        arm: n requests or more.
        n: how many are drawn.
        lots: random numbers.
    """
    if arm.n == n:
        return arm.bad
    return int(lots.hypergeometric(arm.bad, arm.n - arm.bad, n))
