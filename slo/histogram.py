"""A histogram of nanoseconds as a value, and what can be said of it. Pure, NumPy only.

The layout is that of `_ext/lg_hist.h` (HdrHistogram's counts array): with `bits` = b the
first 2^(b+1) buckets are 1 ns wide; above, bucket(v) = (e << b) + (v >> e) with
e = floor(log2 v) - b. A bucket's middle is within v / 2^(b+1) of every value in it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["COARSE_BITS", "FINE_BITS", "MAX_NS", "Histogram", "bucket_count", "bucket_mids_ns"]

FINE_BITS = 10
COARSE_BITS = 6
MAX_BITS = 42
MAX_NS = (1 << MAX_BITS) - 1
MIN_TAIL = 5
"""A percentile is reported only when at least this many samples lie beyond it."""


def bucket_count(bits: int) -> int:
    """How many buckets a histogram of this precision has."""
    return (MAX_BITS + 1 - bits) << bits


def bucket_mids_ns(bits: int) -> npt.NDArray[np.uint64]:
    """The middle of each bucket, shape (bucket_count(bits),)."""
    index = np.arange(bucket_count(bits), dtype=np.uint64)
    shift = np.maximum((index >> np.uint64(bits)).astype(np.int64) - 1, 0).astype(np.uint64)
    low = (index - (shift << np.uint64(bits))) << shift
    width = np.uint64(1) << shift
    return low + (width >> np.uint64(1))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Histogram:
    """Counts of values, with exact count, sum, minimum and maximum.

    Attributes:
        bits: FINE_BITS or COARSE_BITS.
        counts: shape (bucket_count(bits),), dtype uint64.
        sum_ns: exact sum of the values.
        min_ns: smallest value; 0 when empty.
        max_ns: largest value; 0 when empty.
        saturated: values above MAX_NS; they are in the last bucket, too.
    """

    bits: int
    counts: npt.NDArray[np.uint64]
    sum_ns: int
    min_ns: int
    max_ns: int
    saturated: int = 0

    @classmethod
    def empty(cls, bits: int) -> Histogram:
        """No values."""
        counts = np.zeros(bucket_count(bits), dtype=np.uint64)
        return cls(bits=bits, counts=counts, sum_ns=0, min_ns=0, max_ns=0)

    @property
    def n(self) -> int:
        """How many values."""
        return int(self.counts.sum())

    @property
    def mean_ns(self) -> float | None:
        """Exact mean; None when empty."""
        n = self.n
        return self.sum_ns / n if n else None

    def quantile_ns(self, q: float) -> int | None:
        """The value of rank ceil(q * n), to the precision of its bucket; None when empty.

        Args:
            q: 0 < q <= 1.
        """
        n = self.n
        if not n:
            return None
        rank = max(1, math.ceil(q * n - 1e-9))
        bucket = int(np.searchsorted(np.cumsum(self.counts), rank))
        value = int(bucket_mids_ns(self.bits)[bucket])
        return min(max(value, self.min_ns), self.max_ns)

    def supports(self, q: float) -> bool:
        """True when the sample is large enough to speak of this quantile: n(1-q) >= 5."""
        return self.n * (1 - q) >= MIN_TAIL - 1e-9
