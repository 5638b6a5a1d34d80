"""What is compared, how a comparison stands, and what it came to. Values; pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from loadgen.errors import ConfigError
from rollout.canary.second import ComparisonPhase
from slo.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rollout.canary.second import ComparisonSecond
    from slo.calibration import Calibration
    from slo.canary import CanaryJudgement
    from slo.detector import Look
    from slo.effect import Effect
    from slo.objective import Objective
    from slo.sample import Counts
    from slo.validity import Health

__all__ = ["ComparisonOptions", "ComparisonProgress", "ComparisonResult", "ComparisonRun"]

RATE_RPS = 100.0
DURATION_S = 300.0
LONGEST_CALIBRATION_S = 120.0
"""Long enough to see bursts that come twice a minute; more would be taken from the comparison."""
CALIBRATION_PART = 1 / 3


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
        stopped: somebody called `stop`.
    """

    options: ComparisonOptions
    judgement: CanaryJudgement
    calibration: Calibration
    runs: tuple[ComparisonRun, ...]
    rows: tuple[ComparisonSecond, ...]
    effects: Mapping[Look, Effect]
    stopped: bool = False

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
        return self.stopped or any(run.interrupted for run in self.runs)

    @property
    def failure(self) -> str:
        """Why it could not be done as planned; "" when it was."""
        return next((run.failure for run in self.runs if run.failure), "")
