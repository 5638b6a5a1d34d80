"""slo.interval against scipy's intervals, and against the coverage that each promises."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from slo import interval
from slo.histogram import Histogram
from slo.interval import Interval


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_the_normal_distance(confidence: float) -> None:
    assert interval.two_sided_z(confidence) == pytest.approx(stats.norm.interval(confidence)[1])


@pytest.mark.parametrize(("n", "q"), [(50, 0.5), (662, 0.99), (10_000, 0.95)])
def test_quantile_ranks_are_those_of_scipy(n: int, q: float) -> None:
    values = np.arange(1, n + 1)  # each value is its own rank
    expected = stats.quantile_test(values, p=q).confidence_interval(0.95)
    assert interval.quantile_ranks(n, q) == pytest.approx((expected.low, expected.high), abs=1)


@pytest.mark.parametrize(("n", "q"), [(20, 0.5), (500, 0.99), (2_000, 0.95)])
def test_quantile_ranks_cover_what_they_promise(n: int, q: float) -> None:
    """P(lower <= values at or below the quantile < upper), by scipy's distribution."""
    lower, upper = interval.quantile_ranks(n, q)
    covered = stats.binom.cdf(upper - 1, n, q) - stats.binom.cdf(lower - 1, n, q)
    assert covered >= 0.95
    narrower = stats.binom.cdf(upper - 2, n, q) - stats.binom.cdf(lower, n, q)
    assert narrower < 0.95


def test_a_percentile_in_milliseconds() -> None:
    histogram = Histogram.from_values(range(1_000_000, 1_001_000_000, 1_000_000))
    lower, upper = interval.quantile_ranks(1_000, 0.9)
    found = interval.quantile_ms(histogram, 0.9)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((lower, upper), rel=1e-3)
    assert found.confidence == 0.95


def test_a_percentile_that_the_sample_does_not_bound() -> None:
    histogram = Histogram.from_values([5_000_000, 6_000_000, 7_000_000])
    assert interval.quantile_ms(histogram, 0.5) == Interval(low=0.0, high=math.inf)
    above = interval.quantile_ms(Histogram.from_values([5_000_000] * 100), 0.99)
    assert above == Interval(low=5.0, high=math.inf)
    assert interval.quantile_ms(Histogram.from_values([]), 0.5) is None


@pytest.mark.parametrize(("part", "n"), [(0, 50), (3, 200), (50, 50), (500, 10_000), (1, 1)])
def test_wilson_is_that_of_scipy(part: int, n: int) -> None:
    expected = stats.binomtest(part, n).proportion_ci(0.99, method="wilson")
    found = interval.wilson(part, n, 0.99)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize("count", [0, 5, 100, 10_000])
def test_a_rate_is_near_the_exact_interval(count: int) -> None:
    """Garwood's exact interval takes gamma quantiles, and is a little wider than need be."""
    found = interval.per_second(count, 10.0)
    high = stats.chi2.ppf(0.975, 2 * count + 2) / 20
    low = stats.chi2.ppf(0.025, 2 * count) / 20 if count else 0.0
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.1)  # one event in 10 s


def test_a_mean_is_that_of_scipy_for_large_samples() -> None:
    values = np.random.default_rng(3).exponential(20.0, 5_000)
    expected = stats.norm.interval(0.95, values.mean(), stats.sem(values))
    found = interval.mean(5_000, float(values.sum()), float((values * values).sum()))
    assert (found.low, found.high) == pytest.approx(expected, rel=1e-9)


def test_the_mean_of_one_value_is_not_bounded() -> None:
    assert interval.mean(1, 7.0, 49.0) == Interval(low=-math.inf, high=math.inf)


def test_a_mean_of_equal_values_has_no_width() -> None:
    found = interval.mean(3, 0.3, 0.03)  # rounding makes their variance -1e-18
    assert (found.low, found.high) == pytest.approx((0.1, 0.1), abs=1e-8)


@pytest.mark.parametrize(
    ("old", "new", "low", "high"),
    [
        # Newcombe (1998), table II: method 10 for 56/70 - 48/80, 9/10 - 3/10, 10/10 - 0/20.
        pytest.param((48, 80), (56, 70), 0.0524, 0.3339, id="56/70 - 48/80"),
        pytest.param((3, 10), (9, 10), 0.1705, 0.8090, id="9/10 - 3/10"),
        pytest.param((0, 20), (10, 10), 0.6791, 1.0000, id="10/10 - 0/20"),
    ],
)
def test_a_difference_of_shares_is_newcombes(
    old: tuple[int, int], new: tuple[int, int], low: float, high: float
) -> None:
    found = interval.difference(
        new[0] / new[1], interval.wilson(*new), old[0] / old[1], interval.wilson(*old)
    )
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)


def test_another_unit() -> None:
    assert Interval(low=0.25, high=0.5, confidence=0.9).scaled(100) == Interval(
        low=25.0, high=50.0, confidence=0.9
    )


def test_a_ratio_is_a_difference_of_logarithms() -> None:
    """Both ends e^0.3 and e^0.4 away: by e^0.5 together."""
    of_a = Interval(low=math.exp(-0.3), high=math.exp(0.3))
    of_b = Interval(low=2 * math.exp(-0.4), high=2 * math.exp(0.4))
    ratio = interval.log_ratio(1.0, of_a, 2.0, of_b)
    assert (ratio.low, ratio.high) == pytest.approx((math.log(0.5) - 0.5, math.log(0.5) + 0.5))
    unbounded = interval.log_ratio(1.0, Interval(low=0.0, high=math.inf), 2.0, of_b)
    assert (unbounded.low, unbounded.high) == (-math.inf, math.inf)
