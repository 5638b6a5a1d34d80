"""Baseline and canary probed in the same seconds by the same requests, and judged.

First the baseline against itself (`Calibration`), then the canary against the baseline. Both
are paired runs of the load generator; the judge is `slo.canary`'s. Blocking; `stop` may be
called from any thread.
"""

from __future__ import annotations

import dataclasses
import math
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from loadgen.coordinator import LoadTestEngine
from loadgen.errors import ConfigError
from loadgen.pairing import paired_plan
from rollout.canary.gates import PairedGate
from rollout.canary.second import ComparisonPhase
from rollout.canary.watches import CalibrationWatch, JudgeWatch
from slo.calibration import Calibrator
from slo.canary import CanaryJudge, CanaryVerdict
from slo.detector import watched_objectives
from slo.policy import Policy
from slo.validity import Validity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from loadgen.plan import Plan
    from rollout.canary.second import ComparisonSecond
    from rollout.canary.watches import PairWatch
    from slo.calibration import Calibration
    from slo.canary import CanaryJudgement
    from slo.detector import Look
    from slo.effect import Effect
    from slo.evidence import BudgetEvidence, PairEvidence
    from slo.objective import Objective
    from slo.sample import Counts
    from slo.validity import Health

__all__ = [
    "Comparison",
    "ComparisonOptions",
    "ComparisonProgress",
    "ComparisonResult",
    "ComparisonRun",
]

RATE_RPS = 100.0
DURATION_S = 300.0
LONGEST_CALIBRATION_S = 120.0
"""Long enough to see bursts that come twice a minute; more would be taken from the comparison."""
CALIBRATION_PART = 1 / 3
PAST_LAST_S = 0.1
"""A run looks at each second but its last one; with a little more load none is the last."""
LONGEST_WARMUP_S = 5.0
WARMUP_PART = 1 / 20
"""Of the duration: a canary that has just started is slow for other reasons than its code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonOptions:
    """What is compared, how long and how hard.

    Attributes:
        baseline_url, canary_url: of the two sides.
        rate_rps: requests per second to each of them.
        duration_s: calibration and comparison together, without their warm-ups.
        max_duration_s: the comparison goes on until there is a verdict, at most so long in
            all; None: no longer than `duration_s`.
        policy: what is to be found.
        objectives: of the user; those with a budget are watched.

    Raises:
        ConfigError: a time or a rate is out of range.
    """

    baseline_url: str
    canary_url: str
    rate_rps: float = RATE_RPS
    duration_s: float = DURATION_S
    max_duration_s: float | None = None
    policy: Policy = field(default_factory=Policy)
    objectives: tuple[Objective, ...] = ()

    def __post_init__(self) -> None:
        """Checks the ranges."""
        problems = []
        if not (self.rate_rps > 0 and math.isfinite(self.rate_rps)):
            problems.append(
                f"compare rate: found {self.rate_rps:g}, expected requests per second above 0"
            )
        if not 3 <= self.duration_s < math.inf:
            problems.append(
                f"compare duration: found {self.duration_s:g} s, expected 3 s or more "
                "(it is as long as the load test, unless --compare-duration says otherwise)"
            )
        if self.max_duration_s is not None and self.max_duration_s < self.duration_s:
            problems.append(
                f"max duration: found {self.max_duration_s:g} s, expected the compare duration "
                f"of {self.duration_s:g} s or more"
            )
        if problems:
            raise ConfigError(*problems)

    @property
    def calibration_s(self) -> int:
        """Whole seconds of the baseline against itself: at most a third of the duration."""
        return math.floor(min(self.duration_s * CALIBRATION_PART, LONGEST_CALIBRATION_S))

    def comparing_s(self, *, calibrated: bool) -> int:
        """Whole seconds of the comparison, unless it is extended.

        Args:
            calibrated: a calibration is given, so that the comparison has all the time.
        """
        return math.floor(self.duration_s) - (0 if calibrated else self.calibration_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonProgress:
    """What is known after one more second, for displays.

    Attributes:
        second: the newest.
        elapsed_s: of the whole comparison, calibration included, warm-ups left out.
        total_s: as planned; it grows when the comparison is extended.
        judgement: so far; None while calibrating.
    """

    second: ComparisonSecond
    elapsed_s: float
    total_s: float
    judgement: CanaryJudgement | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRun:
    """One of the two runs that a comparison is made of.

    Attributes:
        phase: which.
        id: of the run.
        seconds: of measured time.
        health: whether the generator can be trusted.
        complete: false when part of the run is lost, as with a worker that died.
        baseline: what the first side did in all.
        canary: what the second did; while calibrating it is the baseline, too.
        failure: why it could not be done as planned; "" when it was.
        interrupted: ended by the user.
    """

    phase: ComparisonPhase
    id: str
    seconds: int
    health: Health
    complete: bool
    baseline: Counts
    canary: Counts
    failure: str = ""
    interrupted: bool = False

    @property
    def canary_is_baseline(self) -> bool:
        """True when both sides were the baseline."""
        return self.phase is ComparisonPhase.CALIBRATING


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonResult:
    """What a comparison came to.

    Attributes:
        options: what was compared.
        judgement: the verdict with its reasons and all evidence, to go on with.
        calibration: the baseline against itself, to go on with.
        runs: those that were made: none for a calibration that was given, one when that
            showed that nothing can be compared.
        rows: second by second, first those of the calibration.
        effects: how much worse the canary is in each respect that was compared.
    """

    options: ComparisonOptions
    judgement: CanaryJudgement
    calibration: Calibration
    runs: tuple[ComparisonRun, ...]
    rows: tuple[ComparisonSecond, ...]
    effects: Mapping[Look, Effect]

    @property
    def looks(self) -> tuple[Look, ...]:
        """What the columns of the rows' evidence look at."""
        return tuple(each.look for each in self.judgement.evidence)

    @property
    def needed(self) -> tuple[float, ...]:
        """The natural logarithms at which the evidence of `looks` proves something."""
        return tuple(each.needed for each in self.judgement.evidence)

    @property
    def interrupted(self) -> bool:
        """True when the user ended it."""
        return any(run.interrupted for run in self.runs)

    @property
    def failure(self) -> str:
        """Why it could not be done as planned; "" when it was."""
        return next((run.failure for run in self.runs if run.failure), "")


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
        trusted = run.complete and run.health.verdict is not Validity.INVALID
        return judge.conclude(trusted=trusted)

    def _measure(
        self, phase: ComparisonPhase, watch: PairWatch, second_url: str, *, seconds: int
    ) -> ComparisonRun:
        """One paired run of the baseline and a second side."""
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
        measurement = self._engine.run()
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
