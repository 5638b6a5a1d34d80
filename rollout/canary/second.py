"""One second of a comparison: what each side did, and what the detectors have gathered. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from slo.metric import Phase
from slo.sample import Counts

if TYPE_CHECKING:
    from slo.canary import CanaryJudgement
    from slo.sample import Sample

__all__ = [
    "WINDOW_S",
    "ArmSecond",
    "ComparisonPhase",
    "ComparisonSecond",
    "SecondsOfArm",
    "evidence_of",
]

WINDOW_S = 10
"""Seconds that percentiles are taken over: at 100 requests/s one second is too few for a p99."""


class ComparisonPhase(StrEnum):
    """Where a comparison is: the baseline against itself, or against the canary."""

    CALIBRATING = "calibrating"
    COMPARING = "comparing"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmSecond:
    """One side in one second.

    Attributes:
        finished, failed: requests that ended in it.
        p50_ms, p95_ms, p99_ms: of the response times of the last WINDOW_S seconds; None from
            too few requests.
    """

    finished: int
    failed: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None

    @property
    def error_percent(self) -> float | None:
        """Failed of finished; None when nothing finished."""
        return 100 * self.failed / self.finished if self.finished else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonSecond:
    """Both sides in the same second.

    Attributes:
        t_s: its end, since the measured time of its phase began.
        baseline: of both phases.
        canary: while calibrating the baseline's second arm.
        evidence: natural logarithms, in the order of `ComparisonResult.looks`; () while
            calibrating.
    """

    phase: ComparisonPhase
    t_s: float
    baseline: ArmSecond
    canary: ArmSecond
    evidence: tuple[float, ...] = ()


class SecondsOfArm:
    """Makes the seconds of one side from its states."""

    def __init__(self) -> None:
        self._states: deque[Counts] = deque([Counts.none()], maxlen=WINDOW_S + 1)

    def second(self, sample: Sample) -> ArmSecond:
        """The second that ended with this state.

        Args:
            sample: its counts go up from second to second.
        """
        before, now = self._states[-1], sample.total
        self._states.append(now)
        times = now.time_since(Phase.LATENCY, self._states[0])
        p50_ms, p95_ms, p99_ms = times.percentiles_ms((0.50, 0.95, 0.99))
        return ArmSecond(
            finished=now.finished - before.finished,
            failed=now.failed - before.failed,
            p50_ms=p50_ms,
            p95_ms=p95_ms,
            p99_ms=p99_ms,
        )


def evidence_of(judgement: CanaryJudgement) -> tuple[float, ...]:
    """The logarithms of all evidence, in its order."""
    return tuple(each.log_evidence for each in judgement.evidence)
