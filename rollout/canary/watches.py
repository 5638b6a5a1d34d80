"""Who watches the two runs of a comparison, second by second: one calibrates, one judges. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rollout.canary.second import ComparisonPhase, ComparisonSecond, SecondsOfArm, evidence_of
from slo.canary import CanaryVerdict
from slo.sample import Counts, Sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from slo.calibration import Calibrator
    from slo.canary import CanaryJudge, CanaryJudgement

__all__ = ["CalibrationWatch", "JudgeWatch", "PairWatch"]

RECHECK_S = 5
"""An extended comparison asks so often whether it has seen enough: a block is no shorter."""
_NOTHING = Sample(t_s=0.0, total=Counts.none(), endpoints={})


class PairWatch(Protocol):
    """Follows two sides that get the same requests.

    Attributes:
        stopped: why the run is to end now, a sentence without a full stop; "" to go on.
        rows: a second each.
        last: the newest states of both sides.
    """

    stopped: str
    rows: list[ComparisonSecond]
    last: tuple[Sample, Sample]

    def look(self, first: Sample, second: Sample) -> None:
        """Takes in the states of both sides at the end of one more second."""


class CalibrationWatch:
    """Watches the baseline against itself.

    Args:
        calibrator: is fed.
        on_second: is told of each second.
    """

    def __init__(
        self, calibrator: Calibrator, on_second: Callable[[ComparisonSecond], None]
    ) -> None:
        self.stopped = ""
        self.rows: list[ComparisonSecond] = []
        self.last = (_NOTHING, _NOTHING)
        self._calibrator = calibrator
        self._on_second = on_second
        self._arms = SecondsOfArm(), SecondsOfArm()

    def look(self, first: Sample, second: Sample) -> None:
        """Takes in the states of both arms at the end of one more second."""
        self.last = first, second
        self._calibrator.look(first, second)
        row = ComparisonSecond(
            phase=ComparisonPhase.CALIBRATING,
            t_s=first.t_s,
            baseline=self._arms[0].second(first),
            canary=self._arms[1].second(second),
        )
        self.rows.append(row)
        self._on_second(row)


class JudgeWatch:
    """Watches the canary beside the baseline, and ends the run when the verdict is there.

    Args:
        judge: is fed.
        planned_s: after so many seconds the comparison ends when it is conclusive; from then
            on only what is inconclusive goes on.
        on_second: is told of each second, and of what is known after it.
    """

    def __init__(
        self,
        judge: CanaryJudge,
        *,
        planned_s: int,
        on_second: Callable[[ComparisonSecond, CanaryJudgement], None],
    ) -> None:
        self.stopped = ""
        self.rows: list[ComparisonSecond] = []
        self.last = (_NOTHING, _NOTHING)
        self._judge = judge
        self._planned_s = planned_s
        self._on_second = on_second
        self._arms = SecondsOfArm(), SecondsOfArm()

    def look(self, first: Sample, second: Sample) -> None:
        """Takes in the states of baseline and canary at the end of one more second."""
        self.last = first, second
        judgement = self._judge.look(first, second)
        row = ComparisonSecond(
            phase=ComparisonPhase.COMPARING,
            t_s=first.t_s,
            baseline=self._arms[0].second(first),
            canary=self._arms[1].second(second),
            evidence=evidence_of(judgement),
        )
        self.rows.append(row)
        self._on_second(row, judgement)
        self.stopped = self.stopped or self._why_stop(judgement)

    def _why_stop(self, judgement: CanaryJudgement) -> str:
        if judgement.verdict is not CanaryVerdict.INCONCLUSIVE:
            return f"the verdict is there: {judgement.verdict}"
        over_s = len(self.rows) - self._planned_s
        if over_s < 0 or over_s % RECHECK_S:
            return ""
        verdict = self._judge.conclude().verdict
        return "" if verdict is CanaryVerdict.INCONCLUSIVE else f"enough was seen: {verdict}"
