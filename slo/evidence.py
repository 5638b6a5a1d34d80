"""What a detector has gathered so far: a value to show, to store and to go on with. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from slo.budget import BudgetTrial
from slo.detector import Look
from slo.pairs import PairTrial

__all__ = ["BudgetEvidence", "PairEvidence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairEvidence:
    """Evidence that the canary is worse than the baseline.

    Attributes:
        look: what is looked at.
        alpha: the chance of a false alarm of this look, 0..1.
        trial: the paired blocks so far.
        proven: it has been enough; that stays.
    """

    look: Look
    alpha: float
    trial: PairTrial
    proven: bool = False

    @property
    def log_evidence(self) -> float:
        """Natural logarithm of the evidence, now."""
        return self.trial.log_evidence

    @property
    def needed(self) -> float:
        """The logarithm that proves it."""
        return -math.log(self.alpha)


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetEvidence:
    """Evidence that the canary breaks a budget which the baseline keeps.

    Attributes:
        look: what is looked at.
        alpha: the chance of a false alarm of this look, 0..1.
        trial: of the canary.
        baseline: of the baseline, likewise.
        proven: the canary's evidence was enough while the baseline's was not even near; that
            stays.
        shared: the canary's was enough when the baseline's was near or enough, too.
    """

    look: Look
    alpha: float
    trial: BudgetTrial
    baseline: BudgetTrial
    proven: bool = False
    shared: bool = False

    @property
    def log_evidence(self) -> float:
        """Natural logarithm of the evidence against the canary, now."""
        return self.trial.log_evidence

    @property
    def needed(self) -> float:
        """The logarithm that proves it."""
        return -math.log(self.alpha)
