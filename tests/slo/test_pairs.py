"""slo.pairs: blocks won and lost by hand, lots that are fair, promises kept by simulation."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

from benchmarks.canary_alarms import paired_alarm_s
from slo.fault import NOTHING, Tally
from slo.pairs import PairTrial, thinned

NEVER = math.inf


def _fed(trial: PairTrial, rows: list[tuple[int, int]]) -> PairTrial:
    for baseline, canary in rows:
        trial = trial.second(Tally(bad=baseline, n=20), Tally(bad=canary, n=20))
    return trial


def test_blocks_are_won_lost_or_tied() -> None:
    rows = [(1, 0), (0, 3), (2, 2), (0, 0), (5, 0), (0, 1), (0, 9)]  # the last block is open
    trial = _fed(PairTrial(block_s=2), rows)
    assert (trial.wins, trial.losses, trial.ties, trial.blocks) == (1, 1, 1, 3)
    assert (trial.filled_s, trial.canary.bad, trial.seconds) == (1, 9, 7)


def test_ten_wins_in_a_row_are_a_hundred_to_one() -> None:
    """(2^11 - 1) / 11: the integral of p^10 over p > 1/2, by that of 2^-10."""
    trial = _fed(PairTrial(block_s=1), [(0, 1)] * 10)
    assert math.exp(trial.log_evidence) == pytest.approx(2_047 / 11)
    assert trial.log_evidence_better < 0
    mirrored = _fed(PairTrial(block_s=1), [(1, 0)] * 10)
    assert mirrored.log_evidence_better == pytest.approx(trial.log_evidence)


@pytest.mark.parametrize(
    ("rows", "lacking"),
    [([], 10), ([(0, 1)] * 4, 6), ([(0, 0)] * 4, 10), ([(0, 1)] * 10, 0), ([(1, 0)], 13)],
    ids=["nothing yet", "some won", "ties", "enough", "one lost"],
)
def test_how_many_blocks_are_lacking(rows: list[tuple[int, int]], lacking: int) -> None:
    """Of 150 to 1. All won, nine blocks are 102 to 1, ten 186 (above).

    With one lost the integral of p^k (1 - p) over p > 1/2 is that of k won ones: twelve are
    90 to 1, thirteen 156.
    """
    needed = math.log(150)
    assert _fed(PairTrial(block_s=1), rows).lacking(needed) == lacking


def test_ties_say_nothing() -> None:
    trial = _fed(PairTrial(block_s=1), [(0, 1), (0, 0), (4, 4), (1, 0)])
    without = _fed(PairTrial(block_s=1), [(0, 1), (1, 0)])
    assert trial.log_evidence == without.log_evidence


def test_since_when_the_canary_wins() -> None:
    trial = _fed(PairTrial(block_s=1), [(0, 1), (1, 0), (1, 0), (0, 1), (0, 1), (0, 0)])
    assert trial.drift_since_s == 3


def test_a_block_in_which_one_arm_had_no_requests_says_nothing() -> None:
    trial = PairTrial(block_s=1).second(Tally(bad=3, n=9), NOTHING)
    assert trial == PairTrial(block_s=1, seconds=1)


def test_an_arm_with_more_requests_is_thinned_by_lot() -> None:
    """Half of 1,000 of which 100 are bad: 50 on average, with the variance of the lots."""
    lots = np.random.default_rng(1)
    drawn = np.array([thinned(Tally(bad=100, n=1_000), 500, lots) for _ in range(4_000)])
    assert drawn.mean() == pytest.approx(50, abs=4 * math.sqrt(22.5 / 4_000))
    assert drawn.var() == pytest.approx(500 * 0.1 * 0.9 * 500 / 999, rel=0.1)
    assert thinned(Tally(bad=7, n=500), 500, lots) == 7


def test_unequal_arms_of_the_same_quality_win_alike() -> None:
    lots = np.random.default_rng(2)
    trial = PairTrial(block_s=1, seed=3)
    for _ in range(2_000):
        baseline, canary = lots.binomial(30, 0.2), lots.binomial(60, 0.2)
        trial = trial.second(Tally(bad=int(baseline), n=30), Tally(bad=int(canary), n=60))
    deciding = trial.wins + trial.losses
    assert abs(trial.wins - deciding / 2) < 3.5 * math.sqrt(deciding / 4)


def test_the_simulation_is_the_trial() -> None:
    lots = np.random.default_rng(6)
    baseline, canary = lots.binomial(20, 0.1, (20, 300)), lots.binomial(20, 0.2, (20, 300))
    expected = []
    for usual, seen in zip(baseline.tolist(), canary.tolist(), strict=True):
        trial, first = PairTrial(block_s=5), NEVER
        for second in range(300):
            trial = _fed(trial, [(usual[second], seen[second])])
            if first == NEVER and not trial.filled_s and trial.log_evidence >= 7.0:
                first = second + 1.0
        expected.append(first)
    assert paired_alarm_s(baseline, canary, 5, 7.0).tolist() == expected
    assert len(set(expected)) > 3


def test_bursts_within_a_block_do_not_deceive_it() -> None:
    """Seconds that are bad as a whole, in each arm by itself, looked at every 5 s for 1,000 s."""
    lots = np.random.default_rng(7)
    arms = [100 * (lots.random((2_000, 1_000)) < 1 / 15) for _ in range(2)]
    assert 0 < np.isfinite(paired_alarm_s(arms[0], arms[1], 5, math.log(20))).mean() <= 0.05


def test_it_can_be_stored_and_gone_on_with() -> None:
    rows = [(second % 3, second % 4) for second in range(23)]
    stored = json.loads(json.dumps(dataclasses.asdict(_fed(PairTrial(), rows[:13]))))
    tallies = {name: Tally(**stored[name]) for name in ("baseline", "canary")}
    assert _fed(PairTrial(**{**stored, **tallies}), rows[13:]) == _fed(PairTrial(), rows)
