"""slo.special against scipy, which computes the same by other means."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special, stats

from slo.special import (
    EXACT_DEVIATION,
    binomial_quantile,
    log_beta,
    log_beta_tails,
)

RNG_SEED = 11


def test_log_beta_over_twelve_magnitudes() -> None:
    rng = np.random.default_rng(RNG_SEED)
    a, b = 10 ** rng.uniform(-2, 10, (2, 20_000))
    # scipy itself loses digits to large log-gammas: 4e-9 where mathematics says otherwise.
    assert log_beta(a, b) == pytest.approx(special.betaln(a, b), rel=1e-8, abs=1e-8)


@pytest.mark.parametrize(
    ("a", "b", "exact"),
    [
        pytest.param(1, 1, 0.0, id="uniform"),
        pytest.param(0.5, 0.5, math.log(math.pi), id="arcsine"),
        pytest.param(2, 3, math.log(1 / 12), id="2 and 3"),
        pytest.param(1, 1e12, -12 * math.log(10), id="1 over b"),
        pytest.param(12, 15, -math.log(15 * math.comb(26, 11)), id="12 and 15"),
    ],
)
def test_log_beta_where_it_is_known(a: float, b: float, exact: float) -> None:
    assert float(log_beta(a, b)) == pytest.approx(exact, rel=1e-13, abs=1e-13)


def test_incomplete_beta_around_its_mean() -> None:
    rng = np.random.default_rng(RNG_SEED)
    a, b = 10 ** rng.uniform(-1, 6, (2, 5_000))
    mean = a / (a + b)
    deviation = np.sqrt(mean * (1 - mean) / (a + b + 1))
    x = np.clip(mean + deviation * rng.normal(0, 3, a.size), 1e-9, 1 - 1e-9)
    below, above = log_beta_tails(a, b, x)
    assert np.exp(below) == pytest.approx(special.betainc(a, b, x), rel=1e-8, abs=1e-14)
    assert np.exp(above) == pytest.approx(special.betaincc(a, b, x), rel=1e-8, abs=1e-14)


def test_tails_that_are_no_longer_numbers_keep_their_logarithm() -> None:
    below, above = log_beta_tails(2_000.0, 1.0, 0.5)  # I_x(a, 1) = x^a
    assert float(below) == pytest.approx(-2_000 * math.log(2))
    assert float(above) == pytest.approx(0.0, abs=1e-15)
    below, above = log_beta_tails(1.0, 2_000.0, 0.5)
    assert float(above) == pytest.approx(-2_000 * math.log(2))


def test_arrays_keep_their_shape() -> None:
    below, above = log_beta_tails(np.ones((3, 1)), np.ones((1, 2)), 0.25)
    assert below == pytest.approx(np.full((3, 2), math.log(0.25)))
    assert above.shape == (3, 2)


def test_few_events_of_a_billion_trials() -> None:
    below, _ = log_beta_tails(3e5, 3e11, 1.001e-6)
    assert math.exp(float(below)) == pytest.approx(special.betainc(3e5, 3e11, 1.001e-6), rel=1e-6)


@pytest.mark.parametrize("p", [0.3, 0.5, 0.9, 0.99, 0.999])
@pytest.mark.parametrize("share", [0.0005, 0.025, 0.975, 0.9995])
def test_binomial_quantile_is_exact_for_small_samples(share: float, p: float) -> None:
    for n in (1, 2, 7, 40, 333, 1_000, int(EXACT_DEVIATION**2)):
        assert binomial_quantile(share, n, p) == int(stats.binom.ppf(share, n, p)), n


@pytest.mark.parametrize("p", [0.5, 0.9, 0.99, 0.9999])
@pytest.mark.parametrize("share", [0.0005, 0.025, 0.975, 0.9995])
def test_binomial_quantile_is_at_most_one_off_for_large_samples(share: float, p: float) -> None:
    for times in (1.001, 3.3, 70, 1e4):
        n = int(EXACT_DEVIATION**2 / (p * (1 - p)) * times)
        assert abs(binomial_quantile(share, n, p) - stats.binom.ppf(share, n, p)) <= 1, n


def test_a_probability_that_rounding_never_reaches() -> None:
    assert binomial_quantile(1 - 1e-16, 3, 0.5) == 3
