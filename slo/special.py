"""The special functions that the statistics need, on NumPy arrays. Pure.

Only what the standard library and NumPy lack; held against scipy by the tests. The normal
quantile is `statistics.NormalDist().inv_cdf`.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["binomial_quantile", "log_beta", "log_beta_tails"]

Floats: TypeAlias = "npt.NDArray[np.float64]"

STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)
"""Stirling's series: B_2k / (2k (2k - 1)), the factors of 1/x, 1/x^3, ..."""
STIRLING_FROM = 10.0
"""From here these terms are exact to 1e-16."""
HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)
SMALLEST = 1e-300
"""Stands for a zero that would be divided by (Lentz)."""
MAX_TERMS = 100_000
"""The fraction takes about 2 sqrt(max(a, b)) terms near the mean and few elsewhere."""
EXACT_DEVIATION = 30.0
"""Beyond so many ranks Cornish and Fisher are at most one off."""


def log_beta(a: npt.ArrayLike, b: npt.ArrayLike) -> Floats:
    """The logarithm of the beta function, B(a, b) = Γ(a) Γ(b) / Γ(a + b).

    Differences of large log-gammas would lose all digits that matter; where an argument is
    large, Stirling's main terms are therefore cancelled by hand and only the rest is computed.

    Args:
        a: more than 0, any shape.
        b: more than 0, of a shape that goes with a's.

    Source: DLMF 5.11.1 (Stirling's series) and 5.12.1.
    """
    first, second = np.broadcast_arrays(
        np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    )
    small, large = np.minimum(first, second), np.maximum(first, second)
    # Small arguments are shifted up: B(a, b) = B(a+1, b) (a+b)/a, likewise for b.
    shifted = np.zeros(small.shape)
    for _ in range(int(STIRLING_FROM)):
        low = small < STIRLING_FROM
        shifted = np.where(low, shifted + np.log((small + large) / small), shifted)
        small = np.where(low, small + 1, small)
        low = large < STIRLING_FROM
        shifted = np.where(low, shifted + np.log((small + large) / large), shifted)
        large = np.where(low, large + 1, large)
    share = small / (small + large)
    main = HALF_LOG_2PI - 0.5 * np.log(large) + (small - 0.5) * np.log(share)
    rest = _stirling_rest(small) + _stirling_rest(large) - _stirling_rest(small + large)
    total: Floats = shifted + main + large * np.log1p(-share) + rest
    return total


def log_beta_tails(a: npt.ArrayLike, b: npt.ArrayLike, x: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Logarithms of the regularised incomplete beta function I_x(a, b) and of 1 - I_x(a, b).

    Both, since the smaller one is computed and neither may be had from the other when it is
    tiny: its logarithm stays finite where the value itself would be 0.

    Args:
        a: more than 0, any shape.
        b: more than 0.
        x: 0 < x < 1.

    Returns:
        (log of the share below x, log of the share above x) of a Beta(a, b) variable.

    Source: DLMF 8.17.22, evaluated as Lentz does.
    """
    first, second, at = np.broadcast_arrays(
        *(np.asarray(value, dtype=np.float64) for value in (a, b, x))
    )
    # The fraction converges fast on the near side of the mean; the other side is mirrored.
    mirrored = at > (first + 1) / (first + second + 2)
    alpha, beta = np.where(mirrored, second, first), np.where(mirrored, first, second)
    near = np.where(mirrored, 1 - at, at)
    log_power = alpha * np.log(near) + beta * np.log1p(-near) - log_beta(alpha, beta)
    log_tail = np.minimum(log_power + np.log(_fraction(alpha, beta, near) / alpha), 0.0)
    log_other = np.log1p(-np.minimum(np.exp(log_tail), 1 - 1e-16))
    return np.where(mirrored, log_other, log_tail), np.where(mirrored, log_tail, log_other)


def binomial_quantile(share: float, n: int, p: float) -> int:
    """The smallest k that a binomial variable does not exceed with this probability.

    Exact (the probabilities around the mean are added up) where the distribution is narrow
    enough for a single rank to matter; else by the expansion of Cornish and Fisher with
    correction for continuity.

    Args:
        share: 0 < share < 1.
        n: 1 or more.
        p: 0 < p < 1.
    """
    mean, deviation = n * p, math.sqrt(n * p * (1 - p))
    if deviation > EXACT_DEVIATION:
        z = NormalDist().inv_cdf(share)
        skew = (1 - 2 * p) * (z * z - 1) / 6
        return min(n, max(0, math.ceil(mean + z * deviation + skew - 0.5)))
    reach = 12 * deviation + 30
    k = np.arange(max(0, math.floor(mean - reach)), min(n, math.ceil(mean + reach)) + 1)
    log_chance = k * math.log(p) + (n - k) * math.log1p(-p) - log_beta(k + 1, n - k + 1)
    reached = np.cumsum(np.exp(log_chance - math.log(n + 1)))
    return int(k[min(int(np.searchsorted(reached, share)), k.size - 1)])


def _stirling_rest(x: Floats) -> Floats:
    """What Stirling's formula lacks to log Γ(x), x >= STIRLING_FROM."""
    square = 1 / (x * x)
    rest = np.zeros(x.shape)
    for factor in reversed(STIRLING):
        rest = rest * square + factor
    return rest / x


def _fraction(a: Floats, b: Floats, x: Floats) -> Floats:
    """The continued fraction of a B(a, b) I_x(a, b) / (x^a (1-x)^b), for x below the mean.

    Forward by Lentz's method; elements that have converged are set aside.
    """
    shape, value = a.shape, np.ones(a.size)
    left = np.arange(a.size)
    a, b, x = a.ravel(), b.ravel(), x.ravel()
    c = np.ones(a.size)
    d = 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    h = d
    m = 0
    while left.size and m < MAX_TERMS:
        m += 1
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / _away_from_zero(1 + even * d)
        c = _away_from_zero(1 + even / c)
        h = h * d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / _away_from_zero(1 + odd * d)
        c = _away_from_zero(1 + odd / c)
        step = d * c
        h = h * step
        going = np.abs(step - 1) > 1e-14
        if not going.all():
            value[left[~going]] = h[~going]
            a, b, x, c, d, h = (each[going] for each in (a, b, x, c, d, h))
            left = left[going]
    value[left] = h
    return value.reshape(shape)


def _away_from_zero(x: Floats) -> Floats:
    return np.where(np.abs(x) < SMALLEST, SMALLEST, x)
