"""Service times of pairs, counted as they come: percentiles of both sides, and their ratio. Pure.

Counts in steps of one percent: memory does not grow with the number of pairs.
"""

from __future__ import annotations

import math
from collections import Counter

from rollout.shadow.result import LatencyResult
from slo.histogram import MIN_TAIL
from slo.interval import Interval, quantile_ranks

__all__ = ["PairedLatency"]

STEP = math.log(1.01)
_PERCENTILES = (0.50, 0.95, 0.99)
_NS_PER_MS = 1e6


class PairedLatency:
    """Service times of production and canary for the same requests."""

    def __init__(self) -> None:
        self._production = Counter[int]()
        self._canary = Counter[int]()
        self._ratio = Counter[int]()

    def add(self, production_ns: int, canary_ns: int) -> None:
        """Counts a pair that both sides answered."""
        before, after = (math.log(max(1, each_ns)) for each_ns in (production_ns, canary_ns))
        self._production[round(before / STEP)] += 1
        self._canary[round(after / STEP)] += 1
        self._ratio[round((after - before) / STEP)] += 1

    def result(self) -> LatencyResult:
        """What was counted so far."""
        n = self._ratio.total()
        before, after = (_percentiles_ms(each) for each in (self._production, self._canary))
        return LatencyResult(
            n=n,
            production_ms=before,
            canary_ms=after,
            ratio=_at(self._ratio, math.ceil(n / 2)) if n else None,
            interval=_median_interval(self._ratio, n) if n else None,
        )


def _percentiles_ms(counts: Counter[int]) -> tuple[float | None, float | None, float | None]:
    n = counts.total()
    p50, p95, p99 = (
        _at(counts, math.ceil(n * q)) / _NS_PER_MS if n * (1 - q) >= MIN_TAIL else None
        for q in _PERCENTILES
    )
    return p50, p95, p99


def _at(counts: Counter[int], rank: int) -> float:
    """The value of a rank, 1 being the smallest."""
    for step in sorted(counts):
        rank -= counts[step]
        if rank <= 0:
            return math.exp(step * STEP)
    raise ValueError(f"rank {rank} is beyond the {counts.total()} values")


def _median_interval(counts: Counter[int], n: int) -> Interval:
    """Whatever the distribution: the ranks that enclose the median."""
    low, high = quantile_ranks(n, 0.5)
    return Interval(
        low=_at(counts, low) if low >= 1 else 0.0,
        high=_at(counts, high) if high <= n else math.inf,
    )
