"""Judges a stage by equal requests to the stable version and the canary, in the same seconds.

The live split stays what it is; the probe is even. What one stage has learnt, the next goes on
with: one calibration, one body of evidence and one alpha for the whole rollout.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from rollout.canary.comparison import Comparison, ComparisonOptions
from rollout.progressive.judge import Opinion, Row
from rollout.progressive.retried import Retried
from slo.canary import CanaryJudgement, CanaryVerdict
from slo.policy import OnFailure

if TYPE_CHECKING:
    from loadgen.plan import Plan
    from rollout.canary.comparison import ComparisonProgress, ComparisonResult
    from rollout.canary.second import ArmSecond
    from rollout.progressive.stage import Stage
    from slo.calibration import Calibration
    from slo.evidence import BudgetEvidence, PairEvidence

__all__ = ["ProbeJudge"]

SHORTEST_S = 3.0
"""Of a comparison; a shorter stage is too short for a probe."""


class ProbeJudge:
    """Compares beside each stage.

    Args:
        plan: what is sent to both.
        options: what is compared; its duration is that of the stage.
        on_failure: what a proven regression leads to.
        now_s: a monotonic clock, for the pauses between tries.
    """

    name = "probe"
    starts_over = True

    def __init__(
        self,
        plan: Plan,
        options: ComparisonOptions,
        *,
        on_failure: OnFailure,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._plan = plan
        self._options = options
        self._on_failure = on_failure
        self._now_s = now_s
        self._calibration: Calibration | None = None
        self._evidence: Sequence[PairEvidence | BudgetEvidence] = ()
        self._comparison: Comparison | None = None
        self._work: Retried[ComparisonResult] = Retried(self.name, now_s)
        self._progress: ComparisonProgress | None = None
        self._ends_s = 0.0
        self._is_too_short = False
        self.results: list[ComparisonResult] = []

    def begin(self, stage: Stage, duration_s: float, rows: Sequence[Row]) -> None:
        """Starts the comparison, with all that earlier stages have learnt."""
        del stage, rows
        self._work.reset()
        self._is_too_short = duration_s < SHORTEST_S
        self._ends_s = self._now_s() + duration_s
        self._start(duration_s)

    def look(self) -> Opinion:
        """FAIL as soon as it is proven; a comparison that cannot be done is tried again."""
        if self._work.is_due() and not self._is_too_short:
            self._start(self._ends_s - self._now_s())
        if self._work.is_done():
            self._take()
        progress = self._progress
        judgement = progress.judgement if progress else None
        if judgement is None:
            text = self._work.trouble or "the stable version is compared with itself"
            return self._opinion(CanaryVerdict.INCONCLUSIVE, text, lost=self._is_lost)
        failed = judgement.verdict is CanaryVerdict.FAIL
        verdict = CanaryVerdict.FAIL if failed else CanaryVerdict.INCONCLUSIVE
        return self._opinion(verdict, _said(judgement) or "nothing is proven yet", row=self._row())

    def is_done(self) -> bool:
        """True when both sides' last answers are in."""
        return self._work.is_done() or not self._work.is_begun()

    def conclude(self) -> Opinion:
        """The verdict with the evidence of all stages so far."""
        if not self.is_done():
            return self._opinion(CanaryVerdict.INCONCLUSIVE, "the probe did not end in time")
        result = self._take() if self._work.is_begun() else None
        if result is None:
            return self._opinion(CanaryVerdict.INCONCLUSIVE, self._work.trouble or "it did not run")
        judgement = result.judgement
        evidence = {
            "seconds": judgement.seconds,
            "reasons": [each.text for each in judgement.reasons],
            "log_evidence": [each.log_evidence for each in judgement.evidence],
            "needed": [each.needed for each in judgement.evidence],
        }
        return self._opinion(judgement.verdict, _said(judgement), evidence=evidence)

    def stop(self) -> None:
        """Ends the comparison; what it has learnt is kept when it ended by itself."""
        if self._comparison is not None:
            self._comparison.stop()
        self._comparison = None
        self._work.drop()

    @property
    def _is_lost(self) -> bool:
        return self._work.is_lost() or (self._is_too_short and not self._work.is_begun())

    def _start(self, left_s: float) -> None:
        """Compares for what is left of the stage, unless that is too short."""
        self._progress = None
        if left_s < SHORTEST_S:
            short = f"a probe takes {SHORTEST_S:g} s or more, and the stage is shorter"
            self._work.trouble = self._work.trouble or short
            return
        comparison = Comparison(
            self._plan,
            dataclasses.replace(self._options, duration_s=left_s, max_duration_s=None),
            calibration=self._calibration,
            evidence=self._evidence,
            on_second=self._note,
        )
        self._comparison = comparison
        self._work.begin(comparison.run)

    def _note(self, progress: ComparisonProgress) -> None:
        self._progress = progress

    def _take(self) -> ComparisonResult | None:
        """The result of a comparison that has ended; None when it could not be done."""
        result = self._work.take()
        if result is None:
            self._comparison = self._progress = None
        elif not self.results or self.results[-1] is not result:
            self.results.append(result)
            self._calibration = result.calibration if result.calibration.valid else None
            self._evidence = result.judgement.evidence
        return result

    def _row(self) -> Row | None:
        if self._progress is None:
            return None
        second, judgement = self._progress.second, self._progress.judgement
        gathered = judgement.evidence if judgement else ()
        nearest = max((each.log_evidence / each.needed for each in gathered), default=None)
        return {
            "stable": _arm(second.baseline),
            "canary": _arm(second.canary),
            "log_evidence": list(second.evidence),
            "proof_percent": None if nearest is None else 100 * nearest,
        }

    def _opinion(
        self,
        verdict: CanaryVerdict,
        text: str,
        *,
        lost: bool = False,
        row: Row | None = None,
        evidence: Mapping[str, object] | None = None,
    ) -> Opinion:
        return Opinion(
            judge=self.name,
            verdict=verdict,
            text=text,
            on_failure=self._on_failure,
            lost=lost,
            row=row,
            evidence=evidence,
        )


def _said(judgement: CanaryJudgement) -> str:
    return "; ".join(each.text.removesuffix(".") for each in judgement.reasons)


def _arm(second: ArmSecond) -> Mapping[str, object]:
    return dataclasses.asdict(second)
