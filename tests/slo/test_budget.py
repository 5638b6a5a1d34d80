"""slo.budget: a wealth worked out by hand, Ville's promise by simulation."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

from benchmarks.canary_alarms import budget_alarm_s
from slo.budget import BudgetTrial, Pace, allowed_share, bet, gross_share, trial
from slo.fault import NOTHING, Tally
from slo.grammar import parse

NEVER = math.inf


def test_the_wealth_of_two_gamblers_by_hand() -> None:
    """p0 = 0.1; a block with 0.3 multiplies by 1 + 2g, one with 0 by 1 - g."""
    begun = BudgetTrial(limit=0.1, block_s=1, bets=(0.5, 0.25))
    after = begun.second(Tally(bad=30, n=100)).second(Tally(bad=0, n=70))
    assert math.exp(after.log_evidence) == pytest.approx((2 * 0.5 + 1.5 * 0.75) / 2)
    assert begun.log_evidence == 0.0


def test_at_the_budget_no_gambler_gains_on_average() -> None:
    """The mean of the factor over a block of n requests, each bad with chance p0, is 1."""
    limit, n = 0.2, 4
    chances = [math.comb(n, k) * limit**k * (1 - limit) ** (n - k) for k in range(n + 1)]
    factors = np.exp(bet(np.zeros((n + 1, 1)), np.arange(n + 1) / n, limit, (0.7,)))[:, 0]
    assert float(np.dot(chances, factors)) == pytest.approx(1.0)


def test_blocks_are_of_seconds_and_empty_ones_say_nothing() -> None:
    begun = BudgetTrial(limit=0.1, block_s=3, bets=(0.5,))
    two = begun.second(Tally(bad=1, n=2)).second(NOTHING)
    assert two.log_evidence == 0.0
    three = two.second(Tally(bad=0, n=2))
    assert math.exp(three.log_evidence) == pytest.approx(1 + 0.5 * (0.25 / 0.1 - 1))
    silent = three.second(NOTHING).second(NOTHING).second(NOTHING)
    assert silent == dataclasses.replace(three, seconds=6)


def test_fast_bets_only_after_a_block_that_was_grossly_bad() -> None:
    """So that an hour without a fault costs it nothing."""
    fast = trial(0.005, Pace.FAST)
    for _ in range(3_600):
        fast = fast.second(Tally(bad=0, n=100))
    assert fast.log_evidence == pytest.approx(0.0, abs=1e-12)
    seen = []
    for _ in range(5):
        fast = fast.second(Tally(bad=50, n=100))
        seen.append(fast.log_evidence)
    assert seen[0] == pytest.approx(0.0, abs=1e-12)
    assert seen[-1] > math.log(1_000)
    assert (fast.drift_since_s, fast.lately) == (3_600, Tally(bad=250, n=500))


def test_since_when_and_how_much() -> None:
    slow = BudgetTrial(limit=0.1, block_s=1, bets=(0.1,))
    for bad in (90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 30, 40):
        slow = slow.second(Tally(bad=bad, n=100))
    assert (slow.drift_since_s, slow.lately) == (10, Tally(bad=70, n=200))
    assert slow.whole == Tally(bad=160, n=1_200)


@pytest.mark.parametrize(
    ("budget", "gross"),
    [
        pytest.param(0.001, 0.0144, id="14.4 times a small one"),
        pytest.param(0.01, 0.075, id="not grosser than that"),
        pytest.param(0.05, 0.2, id="but four times the budget"),
        pytest.param(0.5, 0.75, id="halfway to everything"),
    ],
)
def test_what_is_gross(budget: float, gross: float) -> None:
    assert gross_share(budget) == pytest.approx(gross)


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("p95 < 250ms", 0.05),
        ("p99.9 < 250ms", 0.001),
        ("error_rate <= 0.5%", 0.005),
        ("status 5xx < 1%", 0.01),
        ("status 200 >= 99%", None),
        ("error_rate <= 0%", None),
        ("mean < 20ms", None),
        ("throughput > 100/s", None),
    ],
)
def test_which_objectives_have_a_budget(text: str, share: float | None) -> None:
    allowed = allowed_share(parse(text))
    assert allowed == (None if share is None else pytest.approx(share))


@pytest.mark.parametrize("pace", Pace)
def test_at_the_budget_it_is_wrong_as_seldom_as_it_says(pace: Pace) -> None:
    """Requests as bad as the limit allows, watched for 600 s, in blocks of independent ones."""
    begun = trial(0.02, pace)
    bad = np.random.default_rng(4).binomial(50, begun.limit, (2_000, 600))
    alarms = budget_alarm_s(np.zeros_like(bad), bad, 50, [begun] * 2_000, math.log(1 / 0.05))
    assert 0 < np.isfinite(alarms).mean() <= 0.05


def test_an_alarm_of_both_arms_is_none() -> None:
    bad = np.full((1, 60), 50)
    begun = [trial(0.005, Pace.FAST)]
    assert budget_alarm_s(np.zeros_like(bad), bad, 100, begun, 7.0)[0] == 5.0
    assert budget_alarm_s(bad, bad, 100, begun, 7.0)[0] == NEVER


@pytest.mark.parametrize("pace", Pace)
def test_the_simulation_is_the_trial(pace: Pace) -> None:
    bad = np.random.default_rng(5).binomial(50, 0.04, (20, 120))
    bad[:, 60:] += 10
    begun = trial(0.01, pace)
    needed = math.log(200)
    expected = []
    for run in bad.tolist():
        now, first = begun, NEVER
        for second, each in enumerate(run, start=1):
            now = now.second(Tally(bad=each, n=60))
            if now.log_evidence >= needed and first == NEVER:
                first = float(second)
        expected.append(first)
    alarms = budget_alarm_s(np.zeros_like(bad), bad, 60, [begun] * 20, needed)
    assert alarms.tolist() == expected


def test_it_can_be_stored_and_gone_on_with() -> None:
    whole = trial(0.01, Pace.SLOW)
    for second in range(25):
        whole = whole.second(Tally(bad=second % 3, n=40))
    half = trial(0.01, Pace.SLOW)
    for second in range(13):
        half = half.second(Tally(bad=second % 3, n=40))
    stored = json.loads(json.dumps(dataclasses.asdict(half)))
    tallies = {name: Tally(**stored[name]) for name in ("block", "lately", "whole")}
    tuples = {name: tuple(stored[name]) for name in ("bets", "log_wealth")}
    half = BudgetTrial(**{**stored, **tallies, **tuples})
    for second in range(13, 25):
        half = half.second(Tally(bad=second % 3, n=40))
    assert half == whole
