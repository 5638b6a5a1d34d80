"""Two arms block by block, and what they would have come to with other blocks. Pure.

Requests of a second share its luck; blocks of seconds do not, or much less. Drawing whole blocks
again and again, with replacement, shows how much a value depends on which blocks there were
(the block bootstrap). A block is drawn for both arms at once: what hits both of them in the
same seconds cancels.

Source: Künsch, Annals of Statistics 17 (1989); Efron and Tibshirani, An Introduction to the
Bootstrap (1993), chapter 8.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from slo.fault import NOTHING, tally
from slo.histogram import COARSE_BITS, MAX_NS, bucket_lows_ns
from slo.metric import Phase
from slo.sample import Counts
from slo.sequential import dispersion

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from slo.fault import Fault

__all__ = [
    "LEAST_BLOCKS",
    "Arms",
    "PairedBlocks",
    "redrawn_shares",
    "redrawn_times_ms",
    "spread",
]

MOST_BLOCKS = 128
"""When there are so many, neighbours are merged: memory does not grow with the run."""
LEAST_BLOCKS = 10
"""Fewer are too few to draw from."""
DRAWS = 1_000
EDGES_MS = np.append(bucket_lows_ns(COARSE_BITS), np.uint64(MAX_NS + 1)) / 1e6
"""Where the buckets of low precision begin and end."""
SEED = 20_200_914
"""The same blocks always give the same interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """What two arms did in the same seconds."""

    baseline: Counts
    canary: Counts

    def since(self, earlier: Arms) -> Arms:
        """What they did after an earlier state."""
        return Arms(
            baseline=self.baseline.since(earlier.baseline),
            canary=self.canary.since(earlier.canary),
        )

    def swapped(self) -> Arms:
        """The same with each arm in the other's place."""
        return Arms(baseline=self.canary, canary=self.baseline)

    def __add__(self, other: Arms) -> Arms:
        """The requests of both times."""
        return Arms(baseline=self.baseline + other.baseline, canary=self.canary + other.canary)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedBlocks:
    """What both arms did, block by block, with histograms of low precision.

    Attributes:
        entries: one per block, at most MOST_BLOCKS.
        merged: how many blocks, as they were added, each entry holds.
        filled: how many of them the last entry holds.
    """

    entries: tuple[Arms, ...] = ()
    merged: int = 1
    filled: int = 0

    @property
    def full(self) -> tuple[Arms, ...]:
        """The entries that are complete."""
        return self.entries[:-1] if 0 < self.filled < self.merged else self.entries

    @property
    def baseline(self) -> tuple[Counts, ...]:
        """One arm of the complete entries."""
        return tuple(each.baseline for each in self.full)

    @property
    def canary(self) -> tuple[Counts, ...]:
        """The other arm of the complete entries."""
        return tuple(each.canary for each in self.full)

    def swapped(self) -> PairedBlocks:
        """The same with each arm in the other's place."""
        return replace(self, entries=tuple(each.swapped() for each in self.entries))

    def and_block(self, block: Arms) -> PairedBlocks:
        """These blocks and one more."""
        one = Arms(baseline=_folded(block.baseline), canary=_folded(block.canary))
        if 0 < self.filled < self.merged:
            *before, last = self.entries
            return replace(self, entries=(*before, last + one), filled=self.filled + 1)
        if len(self.entries) < MOST_BLOCKS:
            return replace(self, entries=(*self.entries, one), filled=1)
        neighbours = zip(self.entries[::2], self.entries[1::2], strict=True)
        halved = tuple(first + second for first, second in neighbours)
        return PairedBlocks(entries=halved, merged=2 * self.merged).and_block(block)


def spread(fault: Fault, blocks: PairedBlocks) -> float:
    """How many times more the blocks vary than independent requests would, the worse arm's.

    Args:
        fault: what is counted.
        blocks: of two arms.

    Returns:
        1 or more.
    """
    return max(_dispersion(fault, arm) for arm in (blocks.baseline, blocks.canary))


def redrawn_times_ms(
    blocks: PairedBlocks, q: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """A quantile of the response times of both arms, had there been other blocks.

    Args:
        blocks: with response times.
        q: 0 < q < 1.

    Returns:
        (baseline, canary) in milliseconds, each of shape (DRAWS,); NaN without requests.
    """
    weights = _weights(len(blocks.full))
    return (
        _quantiles(weights, blocks.baseline, q),
        _quantiles(weights, blocks.canary, q),
    )


def redrawn_shares(
    fault: Fault, blocks: PairedBlocks
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The share of bad requests of both arms, had there been other blocks.

    Returns:
        (baseline, canary), 0..1, each of shape (DRAWS,).
    """
    weights = _weights(len(blocks.full))

    def shares(arm: Sequence[Counts]) -> npt.NDArray[np.float64]:
        seen = [tally(fault, counts) for counts in arm]
        bad = weights @ np.array([each.bad for each in seen], dtype=np.float64)
        n = weights @ np.array([each.n for each in seen], dtype=np.float64)
        of_all: npt.NDArray[np.float64] = bad / np.maximum(n, 1)
        return of_all

    return shares(blocks.baseline), shares(blocks.canary)


def _folded(counts: Counts) -> Counts:
    times = {phase: each.folded(COARSE_BITS) for phase, each in counts.times.items()}
    return replace(counts, times=times)


def _dispersion(fault: Fault, arm: Sequence[Counts]) -> float:
    seen = [each for counts in arm if (each := tally(fault, counts)).n]
    whole = sum(seen, NOTHING)
    squares = sum(each.bad * each.bad / each.n for each in seen)
    return float(dispersion(whole.bad, whole.n, squares, len(seen)))


def _weights(blocks: int) -> npt.NDArray[np.float64]:
    """How often each block is drawn, shape (DRAWS, blocks)."""
    lots = np.random.default_rng(SEED)
    return lots.multinomial(blocks, np.full(blocks, 1 / blocks), size=DRAWS).astype(np.float64)


def _quantiles(
    weights: npt.NDArray[np.float64], arm: Sequence[Counts], q: float
) -> npt.NDArray[np.float64]:
    """The q-quantile of an arm for each row of weights, within its bucket by proportion."""
    counts = np.stack([each.time(Phase.LATENCY).counts for each in arm]).astype(np.float64)
    touched = np.flatnonzero(counts.any(axis=0))
    if not touched.size:
        return np.full(weights.shape[0], np.nan)
    drawn = weights @ counts[:, touched]
    reached = drawn.cumsum(axis=1)
    rank = q * reached[:, -1]
    place = np.minimum((reached < rank[:, np.newaxis]).sum(axis=1), touched.size - 1)
    rows = np.arange(place.size)
    inside = drawn[rows, place]
    part = (rank - (reached[rows, place] - inside)) / np.maximum(inside, 1)
    low_ms, high_ms = EDGES_MS[touched[place]], EDGES_MS[touched[place] + 1]
    return np.where(inside > 0, low_ms + np.clip(part, 0, 1) * (high_ms - low_ms), np.nan)
