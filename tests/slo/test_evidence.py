"""slo.evidence: what is shown is what the trials hold."""

from __future__ import annotations

import math

import pytest

from slo.budget import Pace, trial
from slo.detector import Detector, Look
from slo.evidence import BudgetEvidence, PairEvidence
from slo.fault import Tally
from slo.pairs import PairTrial

LOOK = Look(scope=None, detector=Detector.RELATIVE, subject="p99")


def test_of_pairs() -> None:
    won = PairTrial(wins=10, losses=0)
    evidence = PairEvidence(look=LOOK, alpha=0.001, trial=won)
    assert evidence.log_evidence == pytest.approx(math.log(2_047 / 11))
    assert evidence.needed == pytest.approx(math.log(1_000))


def test_of_a_budget() -> None:
    begun = trial(0.1, Pace.SLOW)
    broken = begun
    for _ in range(60):
        broken = broken.second(Tally(bad=10, n=10))
    evidence = BudgetEvidence(look=LOOK, alpha=0.001, trial=broken, baseline=begun)
    assert evidence.log_evidence == broken.log_evidence > evidence.needed
