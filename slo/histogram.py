"""A histogram of nanoseconds as a value, and what can be said of it. Pure, NumPy only.

The layout is that of `_ext/lg_hist.h` (HdrHistogram's counts array): with `bits` = b the
first 2^(b+1) buckets are 1 ns wide; above, bucket(v) = (e << b) + (v >> e) with
e = floor(log2 v) - b. A bucket's middle is within v / 2^(b+1) of every value in it.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "COARSE_BITS",
    "FINE_BITS",
    "MAX_NS",
    "MIN_TAIL",
    "Histogram",
    "bucket_count",
    "bucket_index",
    "bucket_lows_ns",
    "bucket_mids_ns",
]

FINE_BITS = 10
COARSE_BITS = 6
MAX_BITS = 42
MAX_NS = (1 << MAX_BITS) - 1
MIN_TAIL = 5
"""A percentile is reported only when at least this many samples lie beyond it."""
RANK_SLACK = 1 - 4 * sys.float_info.epsilon
"""0.07 * 100 is 7.000000000000001 to a computer, and yet the 7th of 100 values is meant."""


def bucket_count(bits: int) -> int:
    """How many buckets a histogram of this precision has."""
    return (MAX_BITS + 1 - bits) << bits


def bucket_index(bits: int, values_ns: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """The bucket of each value, clamped to the last one; shape as the values."""
    values = np.minimum(values_ns, np.uint64(MAX_NS)).astype(np.int64)
    # A double holds every integer up to MAX_NS, so its exponent is exactly floor(log2) + 1.
    doublings = np.frexp(values.astype(np.float64))[1].astype(np.int64) - 1 - bits
    shift = np.maximum(doublings, 0)
    return (shift << bits) + (values >> shift)


def bucket_lows_ns(bits: int) -> npt.NDArray[np.uint64]:
    """The smallest value of each bucket, shape (bucket_count(bits),)."""
    return _lows_ns(bits, np.arange(bucket_count(bits))).astype(np.uint64)


def bucket_mids_ns(bits: int) -> npt.NDArray[np.uint64]:
    """The middle of each bucket, shape (bucket_count(bits),)."""
    return _mids_ns(bits, np.arange(bucket_count(bits))).astype(np.uint64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Histogram:
    """Counts of values, with exact count, sum, minimum and maximum.

    Attributes:
        bits: FINE_BITS or COARSE_BITS.
        counts: shape (bucket_count(bits),), dtype uint64; read-only from here on.
        sum_ns: exact sum of the values.
        min_ns: smallest value; 0 when empty.
        max_ns: largest value; 0 when empty.
        saturated: values above MAX_NS; they are in the last bucket, too.

    Raises:
        ValueError: when the counts do not have the shape of the bits.
    """

    bits: int
    counts: npt.NDArray[np.uint64]
    sum_ns: int
    min_ns: int
    max_ns: int
    saturated: int = 0

    def __post_init__(self) -> None:
        """Checks the shape and seals the counts."""
        if self.counts.shape != (bucket_count(self.bits),):
            raise ValueError(
                f"histogram of {self.bits} bits: counts have the shape {self.counts.shape}; "
                f"expected ({bucket_count(self.bits)},)"
            )
        self.counts.setflags(write=False)

    @classmethod
    def empty(cls, bits: int) -> Histogram:
        """No values."""
        counts = np.zeros(bucket_count(bits), dtype=np.uint64)
        return cls(bits=bits, counts=counts, sum_ns=0, min_ns=0, max_ns=0)

    @classmethod
    def from_values(cls, values_ns: Iterable[int], bits: int = FINE_BITS) -> Histogram:
        """The histogram of these values, each 0 .. 2^64 - 1."""
        values = [int(value) for value in values_ns]
        if not values:
            return cls.empty(bits)
        index = bucket_index(bits, np.array(values, dtype=np.uint64))
        return cls(
            bits=bits,
            counts=np.bincount(index, minlength=bucket_count(bits)).astype(np.uint64),
            sum_ns=sum(values),
            min_ns=min(values),
            max_ns=max(values),
            saturated=sum(value > MAX_NS for value in values),
        )

    @property
    def n(self) -> int:
        """How many values."""
        return int(self.counts.sum())

    @property
    def mean_ns(self) -> float | None:
        """Exact mean; None when empty."""
        n = self.n
        return self.sum_ns / n if n else None

    @property
    def p50_ms(self) -> float | None:
        """The median in milliseconds; None when the sample is too small for it."""
        return self.percentile_ms(0.50)

    @property
    def p95_ms(self) -> float | None:
        """The 95th percentile in milliseconds; None when the sample is too small for it."""
        return self.percentile_ms(0.95)

    @property
    def p99_ms(self) -> float | None:
        """The 99th percentile in milliseconds; None when the sample is too small for it."""
        return self.percentile_ms(0.99)

    def percentile_ms(self, q: float) -> float | None:
        """The q-quantile in milliseconds; None when the sample does not support it.

        Args:
            q: 0 < q <= 1.
        """
        return self.percentiles_ms((q,))[0]

    def percentiles_ms(self, qs: Sequence[float]) -> tuple[float | None, ...]:
        """As percentile_ms for several q, ascending, in one pass."""
        n = self.n
        return tuple(
            value_ns / 1e6 if value_ns is not None and _supports(n, q) else None
            for q, value_ns in zip(qs, self.quantiles_ns(qs), strict=True)
        )

    def quantile_ns(self, q: float) -> int | None:
        """The value of rank ceil(q * n), to the precision of its bucket; None when empty.

        Args:
            q: 0 < q <= 1.
        """
        return self.quantiles_ns((q,))[0]

    def quantiles_ns(self, qs: Sequence[float]) -> tuple[int | None, ...]:
        """As quantile_ns for several q in one pass; equal to lg_hist_quantiles in C.

        Args:
            qs: each 0 < q <= 1, ascending.

        Raises:
            ValueError: when qs is out of order or range.
        """
        if not all(0 < q <= 1 for q in qs) or any(after < before for before, after in pairwise(qs)):
            raise ValueError(f"quantiles {tuple(qs)}: expected 0 < q <= 1, ascending")
        reached = self.cumulative
        n = int(reached[-1])
        if not n:
            return (None,) * len(qs)
        ranks = np.array([max(1, math.ceil(q * n * RANK_SLACK)) for q in qs], dtype=np.uint64)
        mids_ns = _mids_ns(self.bits, np.searchsorted(reached, ranks))
        return tuple(min(max(int(mid_ns), self.min_ns), self.max_ns) for mid_ns in mids_ns)

    @property
    def cumulative(self) -> npt.NDArray[np.uint64]:
        """How many values lie in each bucket or below it, shape as counts."""
        return np.cumsum(self.counts)

    def count_from(self, least_ns: int) -> int:
        """How many values are this long or longer, each taken as the middle of its bucket.

        Args:
            least_ns: 0 or more.
        """
        if least_ns > MAX_NS:
            return 0
        index = bucket_index(self.bits, np.array([least_ns], dtype=np.uint64))
        first = int(index[0] + (_mids_ns(self.bits, index)[0] < least_ns))
        return int(self.counts[first:].sum())

    def folded(self, bits: int) -> Histogram:
        """The same values in the wider buckets of a lower precision.

        Args:
            bits: at most the present ones.

        Raises:
            ValueError: when there would be more bits than now.
        """
        if bits > self.bits:
            raise ValueError(
                f"histogram of {self.bits} bits cannot be folded to {bits}; expected fewer"
            )
        touched = np.flatnonzero(self.counts)
        index = bucket_index(bits, _lows_ns(self.bits, touched).astype(np.uint64))
        counts = np.zeros(bucket_count(bits), dtype=np.uint64)
        np.add.at(counts, index, self.counts[touched])
        return replace(self, bits=bits, counts=counts)

    def supports(self, q: float) -> bool:
        """True when the sample is large enough to speak of this quantile: n(1-q) >= 5."""
        return _supports(self.n, q)

    def __add__(self, other: Histogram) -> Histogram:
        """The values of both.

        Raises:
            ValueError: when the bits differ.
        """
        self._require_same_bits(other)
        if not other.n:
            return self
        if not self.n:
            return other
        return Histogram(
            bits=self.bits,
            counts=self.counts + other.counts,
            sum_ns=self.sum_ns + other.sum_ns,
            min_ns=min(self.min_ns, other.min_ns),
            max_ns=max(self.max_ns, other.max_ns),
            saturated=self.saturated + other.saturated,
        )

    def __sub__(self, earlier: Histogram) -> Histogram:
        """The values that came after an earlier state of this histogram.

        Their smallest and largest are known to their bucket's edges only, and lie within
        the smallest and largest of all.

        Raises:
            ValueError: when the bits differ, or `earlier` has values that this has not.
        """
        self._require_same_bits(earlier)
        if (earlier.counts > self.counts).any():
            raise ValueError(
                "histogram: the subtrahend has values that the minuend has not; "
                "expected an earlier state of the same histogram"
            )
        counts = self.counts - earlier.counts
        touched = np.flatnonzero(counts)
        if not touched.size:
            return Histogram.empty(self.bits)
        lows_ns = bucket_lows_ns(self.bits)
        low_ns, last = int(lows_ns[touched[0]]), int(touched[-1])
        high_ns = self.max_ns if last + 1 == lows_ns.size else int(lows_ns[last + 1]) - 1
        return Histogram(
            bits=self.bits,
            counts=counts,
            sum_ns=self.sum_ns - earlier.sum_ns,
            min_ns=max(low_ns, self.min_ns),
            max_ns=min(high_ns, self.max_ns),
            saturated=self.saturated - earlier.saturated,
        )

    def _require_same_bits(self, other: Histogram) -> None:
        if self.bits != other.bits:
            raise ValueError(
                f"histograms of {self.bits} and {other.bits} bits: expected the same precision"
            )


def _lows_ns(bits: int, index: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The smallest value of each of these buckets, shape as index."""
    shift = np.maximum((index >> bits) - 1, 0)
    lows_ns: npt.NDArray[np.int64] = (index - (shift << bits)) << shift
    return lows_ns


def _mids_ns(bits: int, index: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The middle of each of these buckets, shape as index."""
    shift = np.maximum((index >> bits) - 1, 0)
    mids_ns: npt.NDArray[np.int64] = _lows_ns(bits, index) + ((1 << shift) >> 1)
    return mids_ns


def _supports(n: int, q: float) -> bool:
    return n * (1 - q) >= MIN_TAIL - 1e-9
