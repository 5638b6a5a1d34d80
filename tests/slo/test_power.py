"""slo.power against scipy's distributions, and against tests that were really made."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from scipy import stats

from benchmarks.canary_alarms import paired_alarm_s
from slo.compare import Margin
from slo.metric import Percentile
from slo.power import (
    POWERED,
    Design,
    Regression,
    found,
    more_errors,
    needed_s,
    slower,
    typical_slower,
)
from slo.sequential import log_evidence_above

P99 = Percentile(percent=99)
MARGIN = Margin()
DESIGN = Design(duration_s=300, rate_rps=100, alpha=0.001)


def _shares(baseline: float, canary: float) -> Regression:
    """A regression whose effect stands out in any case."""
    return Regression(
        baseline_share=baseline, canary_share=canary, effect=1.0, margin=0.0, deviation=0.0
    )


def _by_scipy(design: Design, baseline: float, canary: float) -> float:
    n = design.rate_rps * design.block_s
    means = n * canary, max(1e-12, n * baseline)  # scipy knows no Poisson of mean 0
    win, tie = stats.skellam.sf(0, *means), stats.skellam.pmf(0, *means)
    blocks = int(design.duration_s / design.block_s * (1 - tie))
    needed = -math.log(design.alpha)
    enough = [w for w in range(blocks + 1) if float(log_evidence_above(w, blocks, 0.5)) >= needed]
    return float(stats.binom.sf(min(enough, default=blocks + 1) - 1, blocks, win / (1 - tie)))


@pytest.mark.parametrize(
    ("baseline", "canary", "rate_rps"),
    [
        (0.01, 0.02, 100.0),
        (0.01, 0.015, 100.0),
        (0.01, 0.01, 100.0),
        (0.5, 0.55, 50.0),
        (0.0, 0.01, 20.0),
        (0.001, 0.004, 300.0),
    ],
)
def test_the_sign_test_is_binomial(baseline: float, canary: float, rate_rps: float) -> None:
    design = dataclasses.replace(DESIGN, rate_rps=rate_rps)
    expected = _by_scipy(design, baseline, canary)
    assert found(design, _shares(baseline, canary)) == pytest.approx(expected, abs=1e-6)


def test_the_real_test_finds_at_least_as_much() -> None:
    """500 runs; it looks at every block, the formula at the end only."""
    lots = np.random.default_rng(1)
    baseline, canary = lots.binomial(100, 0.01, (500, 300)), lots.binomial(100, 0.016, (500, 300))
    really = np.isfinite(paired_alarm_s(baseline, canary, 5, math.log(1_000))).mean()
    said = found(DESIGN, _shares(0.01, 0.016))
    assert 0.5 < said < 0.95
    assert said - 0.06 <= really <= said + 0.15


def test_disturbed_blocks_are_coin_flips() -> None:
    disturbed = dataclasses.replace(DESIGN, disturbed_ratio=0.5)
    regression = _shares(0.01, 0.02)
    assert found(disturbed, regression) < found(DESIGN, regression)
    # All of them: as likely as two equal arms to raise a false alarm, which is seldom.
    lost = dataclasses.replace(DESIGN, disturbed_ratio=1.0)
    assert found(lost, regression) <= DESIGN.alpha


def test_an_effect_stands_out_as_often_as_a_normal_estimate() -> None:
    """Standard error 2 %, effect ln 1.1, margin ln 1.05: Phi((0.0465) / 0.02 - 1.96)."""
    design = dataclasses.replace(DESIGN, alpha=0.5)
    regression = slower(P99, 1.1, 0.5, 0.02 * math.sqrt(design.n), MARGIN)
    expected = stats.norm.cdf((math.log(1.1) - math.log(1.05)) / 0.02 - 1.959964)
    assert found(design, regression) == pytest.approx(expected)
    wider = dataclasses.replace(design, dispersion=4.0)
    expected = stats.norm.cdf((math.log(1.1) - math.log(1.05)) / 0.04 - 1.959964)
    assert found(wider, regression) == pytest.approx(expected)


def test_typical_times_are_lognormal() -> None:
    regression = typical_slower(P99, 1.5, MARGIN)
    limit = stats.lognorm.ppf(0.99, 1)
    assert regression.canary_share == pytest.approx(stats.lognorm.sf(limit / 1.5, 1))
    # The standard error of a quantile's logarithm: sqrt(q (1-q) / n) by the density of ln x.
    density = stats.norm.pdf(stats.norm.ppf(0.99))
    assert regression.deviation == pytest.approx(math.sqrt(2 * 0.99 * 0.01) / density)


def test_errors_by_points() -> None:
    regression = more_errors(0.02, 1.0, MARGIN)
    assert (regression.baseline_share, regression.effect, regression.margin) == (0.02, 1.0, 0.1)
    assert regression.canary_share == pytest.approx(0.03)
    assert regression.deviation == pytest.approx(100 * math.sqrt(0.02 * 0.98 + 0.03 * 0.97))
    assert more_errors(0.5, 60.0, MARGIN).canary_share == 1.0
    assert more_errors(0.5, 10.0, MARGIN).margin == pytest.approx(2.5)


@pytest.mark.parametrize("canary", [0.013, 0.02, 0.5])
def test_the_time_that_is_needed_is_the_shortest(canary: float) -> None:
    regression = _shares(0.01, canary)
    seconds = needed_s(DESIGN, regression)
    assert seconds is not None
    assert seconds % DESIGN.block_s == 0
    enough = dataclasses.replace(DESIGN, duration_s=seconds)
    assert found(enough, regression) >= POWERED
    less = dataclasses.replace(DESIGN, duration_s=seconds - DESIGN.block_s)
    assert found(less, regression) < POWERED


def test_no_time_is_enough_for_no_difference() -> None:
    assert needed_s(DESIGN, _shares(0.01, 0.01)) is None
