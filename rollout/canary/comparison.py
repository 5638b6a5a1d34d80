"""Baseline and canary probed in the same seconds by the same requests, and judged.

First the baseline against itself (`Calibration`), then the canary against the baseline. Both
are paired runs of the load generator; the judge is `slo.canary`'s. Blocking; `stop` may be
called from any thread.
"""

from __future__ import annotations

import dataclasses
import math
import threading
from typing import TYPE_CHECKING

from loadgen.coordinator import LoadTestEngine
from loadgen.errors import WorkerError
from loadgen.pairing import paired_plan
from rollout.canary.compared import (
    ComparisonOptions,
    ComparisonProgress,
    ComparisonResult,
    ComparisonRun,
)
from rollout.canary.gates import PairedGate
from rollout.canary.second import ComparisonPhase
from rollout.canary.watches import CalibrationWatch, JudgeWatch
from slo.calibration import Calibrator
from slo.canary import CanaryJudge, CanaryVerdict
from slo.detector import watched_objectives
from slo.validity import Validity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from loadgen.plan import Plan
    from rollout.canary.second import ComparisonSecond
    from rollout.canary.watches import PairWatch
    from slo.calibration import Calibration
    from slo.canary import CanaryJudgement
    from slo.evidence import BudgetEvidence, PairEvidence

__all__ = [
    "Comparison",
    "ComparisonOptions",
    "ComparisonProgress",
    "ComparisonResult",
    "ComparisonRun",
]

PAST_LAST_S = 0.1
"""A run looks at each second but its last one; with a little more load none is the last."""
LONGEST_WARMUP_S = 5.0
WARMUP_PART = 1 / 20
"""Of the duration: a canary that has just started is slow for other reasons than its code."""


class Comparison:
    """Compares a canary with its baseline. A comparison runs once.

    Args:
        plan: what is sent to both: its requests, headers, TLS, connections, workers. Where to,
            how fast and how long say the options.
        options: what is compared.
        calibration: of an earlier comparison of the same baseline, to do without a new one.
        evidence: of an earlier comparison of the same canary, to go on with.
        on_second: called about once a second, from the thread that runs.
    """

    def __init__(
        self,
        plan: Plan,
        options: ComparisonOptions,
        *,
        calibration: Calibration | None = None,
        evidence: Sequence[PairEvidence | BudgetEvidence] = (),
        on_second: Callable[[ComparisonProgress], None] | None = None,
    ) -> None:
        self._plan = plan
        self._options = options
        self._given = calibration
        self._evidence = evidence
        self._on_second = on_second or _nobody
        self._stopped = threading.Event()
        self._engine: LoadTestEngine | None = None
        self._runs: list[ComparisonRun] = []
        self._rows: list[ComparisonSecond] = []

    def stop(self) -> None:
        """Ends the comparison early, from any thread; what is known by then is judged."""
        self._stopped.set()
        if self._engine is not None:
            self._engine.stop()

    def run(self) -> ComparisonResult:
        """Calibrates, compares and judges.

        Raises:
            TargetError: a side does not resolve or accepts no connection.
            ConfigError: this machine or the configuration does not allow it.
            WorkerError: the workers could not be started.
        """
        calibration = self._given or self._calibrated()
        judge = CanaryJudge(calibration, policy=self._options.policy, evidence=self._evidence)
        judgement = judge.conclude()
        if judgement.verdict is not CanaryVerdict.INVALID and not self._is_over:
            judgement = self._compared(judge)
        return ComparisonResult(
            options=self._options,
            judgement=judgement,
            calibration=calibration,
            runs=tuple(self._runs),
            rows=tuple(self._rows),
            effects=judge.effects,
            stopped=self._stopped.is_set(),
        )

    @property
    def _is_over(self) -> bool:
        """True when nobody wants any more of it, or no more can be done."""
        ended = any(run.interrupted or run.failure for run in self._runs)
        return ended or self._stopped.is_set()

    def _calibrated(self) -> Calibration:
        """The baseline against itself."""
        options = self._options
        names = [request.label for request in self._plan.requests]
        calibrator = Calibrator(
            watched_objectives(options.objectives, names), margin=options.policy.margin
        )

        def tell(second: ComparisonSecond) -> None:
            total_s = float(options.calibration_s + options.comparing_s(calibrated=False))
            self._on_second(
                ComparisonProgress(
                    second=second, elapsed_s=second.t_s, total_s=total_s, judgement=None
                )
            )

        watch = CalibrationWatch(calibrator, tell)
        url = options.baseline_url
        self._measure(ComparisonPhase.CALIBRATING, watch, url, seconds=options.calibration_s)
        return calibrator.conclude()

    def _compared(self, judge: CanaryJudge) -> CanaryJudgement:
        """The canary beside the baseline."""
        options = self._options
        before_s = 0 if self._given else options.calibration_s
        planned_s = options.comparing_s(calibrated=self._given is not None)
        most_s = planned_s
        if options.max_duration_s is not None:
            most_s = max(planned_s, math.floor(options.max_duration_s) - before_s)

        def tell(second: ComparisonSecond, judgement: CanaryJudgement) -> None:
            elapsed_s = before_s + second.t_s
            total_s = before_s + (planned_s if second.t_s <= planned_s else most_s)
            self._on_second(
                ComparisonProgress(
                    second=second, elapsed_s=elapsed_s, total_s=total_s, judgement=judgement
                )
            )

        watch = JudgeWatch(judge, planned_s=planned_s, on_second=tell)
        run = self._measure(ComparisonPhase.COMPARING, watch, options.canary_url, seconds=most_s)
        trusted = run is None or (run.complete and run.health.verdict is not Validity.INVALID)
        return judge.conclude(trusted=trusted)

    def _measure(
        self, phase: ComparisonPhase, watch: PairWatch, second_url: str, *, seconds: int
    ) -> ComparisonRun | None:
        """One paired run of the baseline and a second side; None: stopped before it began."""
        options = self._options
        plan = paired_plan(
            dataclasses.replace(self._plan, warmup_s=self._warmup_s),
            options.baseline_url,
            second_url,
            rate_rps=2 * options.rate_rps,
            duration_s=seconds + PAST_LAST_S,
        )
        gate = PairedGate(plan, watch)
        self._engine = LoadTestEngine(plan, gate=gate)
        if self._stopped.is_set():  # it was stopped before there was an engine to be told
            self._engine.stop()
        try:
            measurement = self._engine.run()
        except WorkerError:
            if self._stopped.is_set():
                return None
            raise
        first, second = watch.last
        run = ComparisonRun(
            phase=phase,
            id=measurement.run.id,
            seconds=len(watch.rows),
            health=measurement.health,
            complete=gate.complete,
            baseline=first.total,
            canary=second.total,
            failure=measurement.run.failure,
            interrupted=measurement.run.interrupted,
        )
        self._runs.append(run)
        self._rows += watch.rows
        return run

    @property
    def _warmup_s(self) -> float:
        """Before each run; the plan's own when it has one."""
        usual_s = min(LONGEST_WARMUP_S, self._options.duration_s * WARMUP_PART)
        return self._plan.warmup_s or usual_s


def _nobody(_progress: ComparisonProgress) -> None:
    """Is told nothing."""
