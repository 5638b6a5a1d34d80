"""slo.sequential: the formula against scipy, the promise against simulated runs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, special

from benchmarks.sim_slo import bursts, independent, poisson, watched
from slo.sequential import (
    PASS_AFTER_S,
    Trial,
    dispersion,
    log_evidence_above,
    log_evidence_below,
)
from slo.verdict import Verdict

PASS, INCONCLUSIVE, FAIL = Verdict
RUNS = 2_000


@pytest.mark.parametrize(("wins", "pairs"), [(10, 10), (5, 10), (0, 10), (70, 100)])
def test_at_one_half_it_is_the_sign_test(wins: int, pairs: int) -> None:
    """The formula of paired blocks with a = b = 1, as it is written with scipy."""
    a, b = 1 + wins, 1 + pairs - wins
    expected = (
        special.betaln(a, b)
        - special.betaln(1, 1)
        + pairs * math.log(2)
        + math.log(special.betaincc(a, b, 0.5))
        - math.log(special.betaincc(1, 1, 0.5))
    )
    assert float(log_evidence_above(wins, pairs, 0.5)) == pytest.approx(expected)


@pytest.mark.parametrize(("bad", "n"), [(0, 50), (1, 100), (9, 100), (30, 300)])
@pytest.mark.parametrize("limit", [0.02, 0.1])
def test_it_is_the_average_likelihood_ratio(bad: int, n: int, limit: float) -> None:
    """The same by numerical integration, without any beta function."""
    prior = (1 - limit) / limit

    def density(p: float) -> float:
        return float((1 - p) ** (prior - 1))

    def ratio(p: float) -> float:
        return float((p / limit) ** bad * ((1 - p) / (1 - limit)) ** (n - bad)) * density(p)

    for log_evidence, low, high in (
        (log_evidence_above, limit, 1.0),
        (log_evidence_below, 0.0, limit),
    ):
        weighted, _ = integrate.quad(ratio, low, high, epsabs=1e-13, limit=200)
        weight, _ = integrate.quad(density, low, high, epsabs=1e-13)
        expected = math.log(weighted / weight)
        assert float(log_evidence(bad, n, limit)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("limit", [0.05, 0.01, 0.001])
def test_watched_every_second_it_is_wrong_as_seldom_as_it_says(limit: float) -> None:
    """At the limit itself both decisions are wrong; nowhere is it harder not to decide."""
    result = watched(*independent(limit, RUNS, seed=round(1e6 * limit)), limit, alpha=0.05)
    assert result.failed <= 0.05
    assert result.passed <= 0.05
    assert result.failed + result.passed > 0  # it can be wrong: the bound is not idle


@pytest.mark.parametrize(
    ("share", "limit", "expected"),
    [(0.02, 0.01, "failed"), (0.005, 0.01, "passed"), (0.06, 0.05, "failed")],
)
def test_what_is_clear_is_decided_early(share: float, limit: float, expected: str) -> None:
    result = watched(*independent(share, RUNS, seed=3), limit, alpha=0.05)
    assert getattr(result, expected) >= 0.99
    assert result.median_s is not None
    assert result.median_s < 60 if expected == "failed" else result.median_s == PASS_AFTER_S


def test_a_pass_that_is_not_waited_for_is_as_early_as_a_failure() -> None:
    result = watched(*independent(0.005, RUNS, seed=3), 0.01, pass_after_s=10)
    assert result.passed >= 0.99
    assert result.median_s is not None
    assert result.median_s < 60


def test_throughput_as_instants_without_an_answer() -> None:
    limit = 1 - 1000 / 1e9
    at_it = watched(*poisson(1000.0, 300, seed=5), limit)
    assert max(at_it.failed, at_it.passed) <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 300)
    assert watched(*poisson(900.0, 300, seed=6), limit).failed >= 0.99
    assert watched(*poisson(1100.0, 300, seed=7), limit).passed >= 0.99


def test_bursts_are_seen_only_once_one_came() -> None:
    """A run that ends before its first stall cannot know of it: time is the remedy."""
    stalled = bursts(0.002, RUNS, seed=9)
    soon = watched(*stalled, 0.01, pass_after_s=10)
    assert soon.passed > 0.5
    assert watched(*stalled, 0.01).passed < 0.05


@pytest.mark.parametrize("limit", [0.1, 0.2])
def test_bursts_that_a_limit_allows_for_seldom_fail_early(limit: float) -> None:
    """The truth is 6.7 %, all of it in stalls: the first of them must not look like an outage."""
    assert watched(*bursts(0.002, RUNS, seed=10), limit).failed <= 0.05


@pytest.mark.parametrize("share", [0.0, 0.004, 0.01, 0.03, 1.0])
def test_a_trial_decides_as_the_simulation_does(share: float) -> None:
    bad, n = independent(share, 20, seed=13)
    decisions = []
    for run in range(20):
        trial = Trial(limit=0.01, alpha=0.05, pass_after_s=30)
        for second in range(bad.shape[1]):
            trial = trial.second(bad=int(bad[run, second]), n=int(n[run, second]))
        decisions.append(trial.verdict)
    expected = watched(bad, n, 0.01, alpha=0.05, pass_after_s=30)
    assert decisions.count(PASS) / 20 == expected.passed
    assert decisions.count(FAIL) / 20 == expected.failed


def test_the_first_decision_stays() -> None:
    trial = Trial(limit=0.5, alpha=0.05)
    for _ in range(10):
        assert trial.verdict is INCONCLUSIVE  # not before ten seconds, however clear it is
        trial = trial.second(bad=100, n=100)
    assert trial.verdict is FAIL
    for _ in range(100):
        trial = trial.second(bad=0, n=1_000)
    assert (trial.verdict, trial.bad, trial.seconds) == (FAIL, 1_000, 110)


def test_a_pass_waits_and_a_failure_does_not() -> None:
    good = bad = Trial(limit=0.5, alpha=0.05, pass_after_s=15.5)
    verdicts = []
    for _ in range(16):
        good, bad = good.second(bad=0, n=100), bad.second(bad=100, n=100)
        verdicts.append((good.verdict, bad.verdict))
    undecided = (INCONCLUSIVE, INCONCLUSIVE)
    assert verdicts == [undecided] * 9 + [(INCONCLUSIVE, FAIL)] * 6 + [(PASS, FAIL)]


def test_seconds_without_requests_say_nothing() -> None:
    trial = Trial(limit=0.1, alpha=0.05)
    assert trial.second(bad=0, n=0) == trial


@pytest.mark.parametrize(
    ("limit", "bad", "expected"),
    [
        pytest.param(0.0, 0, INCONCLUSIVE, id="none allowed, none seen: one may come yet"),
        pytest.param(0.0, 1, FAIL, id="none allowed, one seen"),
        pytest.param(1.0, 5, PASS, id="all allowed"),
    ],
)
def test_limits_that_need_no_statistics(limit: float, bad: int, expected: Verdict) -> None:
    trial = Trial(limit=limit, alpha=0.05, pass_after_s=0)
    for _ in range(10):
        trial = trial.second(bad=bad, n=100)
    assert trial.verdict is expected


def test_dispersion_is_pearsons() -> None:
    bad, n = np.array([3.0, 0.0, 19.0, 4.0]), np.array([100.0, 50.0, 200.0, 100.0])
    share = bad.sum() / n.sum()
    pearson = float((((bad - share * n) ** 2) / (n * share * (1 - share))).sum()) / 3
    assert pearson > 1
    sums = (bad.sum(), n.sum(), (bad * bad / n).sum(), 4)
    assert float(dispersion(*sums)) == pytest.approx(pearson)


@pytest.mark.parametrize(
    ("bad", "n", "ratios", "seconds"),
    [
        pytest.param(0, 100, 0.0, 10, id="none bad"),
        pytest.param(100, 100, 100.0, 10, id="all bad"),
        pytest.param(5, 100, 0.25, 1, id="a single second"),
        pytest.param(20, 100, 4.0, 10, id="less than chance"),
    ],
)
def test_no_more_than_chance(bad: int, n: int, ratios: float, seconds: int) -> None:
    assert float(dispersion(bad, n, ratios, seconds)) == 1.0
