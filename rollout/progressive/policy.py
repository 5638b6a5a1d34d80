"""What follows from verdicts, losses and signals, as it was chosen for a rollout. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from slo.policy import Fallback, OnFailure, OnInconclusive

__all__ = ["RolloutPolicy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutPolicy:
    """The choices of a rollout.

    Attributes:
        on_failure: of a stage: its weight is not proven, a hook fails, a threshold is broken.
        on_inconclusive: nothing is proven at the end of a stage.
        on_lost: the router, the canary or the disk cannot be reached for too long.
        on_signal: this process is asked to end.
        most_extensions: how often a hold is extended before it pauses instead.
    """

    on_failure: OnFailure = OnFailure.ROLLBACK
    on_inconclusive: OnInconclusive = OnInconclusive.PAUSE
    on_lost: Fallback = Fallback.PAUSE
    on_signal: Fallback = Fallback.PAUSE
    most_extensions: int = 3
