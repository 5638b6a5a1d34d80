"""What looks at a stage while it is held: one Protocol for all kinds, and what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from rollout.progressive.stage import Stage
from slo.canary import CanaryVerdict
from slo.policy import OnFailure

__all__ = ["PAUSES_S", "Judge", "Opinion", "Row"]

PAUSES_S = (1.0, 2.0, 4.0, 8.0)
"""Before the further tries of a version that cannot be reached; then a judge is lost."""

Row = Mapping[str, object]
"""What one judge measured in one second, as JSON has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What a judge says of a stage.

    Attributes:
        judge: its name: "split", "load test", "probe", "query NAME".
        verdict: so far INCONCLUSIVE, unless nothing can change it any more.
        text: what it rests on, a sentence without a full stop.
        on_failure: what a FAIL of this judge leads to.
        lost: it cannot measure, and has tried for long enough.
        row: of the last second.
        histogram: response times of the last second, as HdrHistogram has them.
        evidence: to show and to go on with.
    """

    judge: str
    verdict: CanaryVerdict
    text: str
    on_failure: OnFailure = OnFailure.ROLLBACK
    lost: bool = False
    row: Row | None = None
    histogram: bytes | None = None
    evidence: Mapping[str, object] | None = None


class Judge(Protocol):
    """Judges one stage after the other. No method blocks for longer than a moment."""

    @property
    def name(self) -> str:
        """Its name, as in its opinions."""

    @property
    def starts_over(self) -> bool:
        """True when a hold that was interrupted has to begin again, for it sends load."""

    def begin(self, stage: Stage, duration_s: float, rows: Sequence[Row]) -> None:
        """A stage's weight is proven, and it is held from now on.

        Args:
            stage: which.
            duration_s: how long it will be held.
            rows: of this judge, of the part of the hold that a process before this one did.
        """

    def look(self) -> Opinion:
        """What it says after one more second."""

    def is_done(self) -> bool:
        """True when `conclude` will not have to wait."""

    def conclude(self) -> Opinion:
        """What it says at the end of the hold."""

    def stop(self) -> None:
        """The hold is over, or given up: whatever runs is ended. May be called at any time."""
