"""Confidence intervals for what a load test estimates. Pure.

All take independent requests for granted; bursts make them too narrow (docs/statistics.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

from slo.special import binomial_quantile

if TYPE_CHECKING:
    from slo.histogram import Histogram

__all__ = [
    "CONFIDENCE",
    "Interval",
    "difference",
    "log_ratio",
    "mean",
    "per_second",
    "quantile_ms",
    "quantile_ranks",
    "two_sided_z",
    "wilson",
]

CONFIDENCE = 0.95
"""What people mean by an interval when they do not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A range that holds the true value with this confidence.

    Attributes:
        low, high: in the unit of the estimate; infinite where the sample gives no bound.
        confidence: 0..1.
    """

    low: float
    high: float
    confidence: float = CONFIDENCE

    def scaled(self, factor: float) -> Interval:
        """The same in another unit."""
        return Interval(low=self.low * factor, high=self.high * factor, confidence=self.confidence)


def two_sided_z(confidence: float) -> float:
    """The standard normal's distance that holds this probability on both sides of 0."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def quantile_ranks(n: int, q: float, confidence: float = CONFIDENCE) -> tuple[int, int]:
    """Ranks whose values enclose the q-quantile, whatever the distribution.

    The number of values at or below the true quantile is binomial(n, q). With k and m its own
    alpha/2 and 1 - alpha/2 quantiles, the true value lies between the values of rank k and
    m + 1 with at least this confidence.

    Args:
        n: sample size, 1 or more.
        q: 0 < q < 1.
        confidence: 0..1.

    Returns:
        (lower, upper), 1-based; lower 0 and upper n + 1 mean that the sample has no bound there.

    Source: David and Nagaraja, Order Statistics, 3rd ed., section 7.1.
    """
    tail = (1 - confidence) / 2
    return binomial_quantile(tail, n, q), binomial_quantile(1 - tail, n, q) + 1


def quantile_ms(histogram: Histogram, q: float, confidence: float = CONFIDENCE) -> Interval | None:
    """The interval of a quantile, in milliseconds; None without values.

    Args:
        histogram: values in nanoseconds.
        q: 0 < q < 1.
        confidence: 0..1.

    Returns:
        low is 0 and high infinite where there are too few values to bound it.
    """
    n = histogram.n
    if not n:
        return None
    lower, upper = quantile_ranks(n, q, confidence)
    low_ns, high_ns = histogram.quantiles_ns((max(1, lower) / n, min(n, upper) / n))
    return Interval(
        low=(low_ns or 0) / 1e6 if lower else 0.0,
        high=(high_ns or 0) / 1e6 if upper <= n else math.inf,
        confidence=confidence,
    )


def wilson(part: int, n: int, confidence: float = CONFIDENCE) -> Interval:
    """The interval of a share, by Wilson's score; it holds near 0 and 1 where others do not.

    Args:
        part: 0..n.
        n: 1 or more.
        confidence: 0..1.

    Returns:
        Shares, 0..1.

    Source: Wilson, JASA 22 (1927); compared in Brown, Cai, DasGupta, Statistical Science 16
        (2001).
    """
    square = two_sided_z(confidence) ** 2
    middle = (part + square / 2) / (n + square)
    half = math.sqrt(square * (part * (n - part) / n + square / 4)) / (n + square)
    return Interval(
        low=max(0.0, middle - half) if part else 0.0,
        high=min(1.0, middle + half) if part < n else 1.0,
        confidence=confidence,
    )


def per_second(count: int, seconds: float, confidence: float = CONFIDENCE) -> Interval:
    """The interval of a rate whose count is Poisson, by the score test.

    Args:
        count: events, 0 or more.
        seconds: more than 0.
        confidence: 0..1.

    Returns:
        Events per second.
    """
    z = two_sided_z(confidence)
    middle, half = count + z * z / 2, z * math.sqrt(count + z * z / 4)
    return Interval(
        low=(middle - half) / seconds if count else 0.0,
        high=(middle + half) / seconds,
        confidence=confidence,
    )


def mean(n: int, total: float, squares: float, confidence: float = CONFIDENCE) -> Interval:
    """The interval of a mean by the normal distribution: rough when few values carry the sum.

    Args:
        n: values, 1 or more.
        total: their sum.
        squares: the sum of their squares.
        confidence: 0..1.

    Returns:
        In the unit of the values; unbounded for a single value.
    """
    if n < 2:
        return Interval(low=-math.inf, high=math.inf, confidence=confidence)
    middle = total / n
    variance = max(0.0, squares - n * middle * middle) / (n - 1)
    half = two_sided_z(confidence) * math.sqrt(variance / n)
    return Interval(low=middle - half, high=middle + half, confidence=confidence)


def difference(a: float, of_a: Interval, b: float, of_b: Interval) -> Interval:
    """The interval of a - b from the intervals of both, which must be independent.

    The distances from the estimates to the ends add like standard deviations, each side by
    itself, so that lopsided intervals keep their shape.

    Args:
        a: estimate.
        of_a: its interval.
        b: estimate.
        of_b: its interval, of the same confidence.

    Source: Newcombe, Statistics in Medicine 17 (1998), method 10; in general Zou and Donner,
        Statistics in Medicine 27 (2008).
    """
    return Interval(
        low=a - b - math.hypot(a - of_a.low, of_b.high - b),
        high=a - b + math.hypot(of_a.high - a, b - of_b.low),
        confidence=of_a.confidence,
    )


def log_ratio(a: float, of_a: Interval, b: float, of_b: Interval) -> Interval:
    """The interval of ln(a / b), as in `difference`.

    Args:
        a: estimate, more than 0.
        of_a: its interval.
        b: estimate, more than 0.
        of_b: its interval, of the same confidence.
    """
    return difference(math.log(a), _log(of_a), math.log(b), _log(of_b))


def _log(range_: Interval) -> Interval:
    low = math.log(range_.low) if range_.low > 0 else -math.inf
    return Interval(low=low, high=math.log(range_.high), confidence=range_.confidence)
