"""What a canary verification came to: its steps and one verdict. Values; reports read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from slo.canary import CanaryVerdict
from slo.policy import OnInconclusive

if TYPE_CHECKING:
    from loadgen.consequence import RollbackOutcome
    from loadgen.measurement import Measurement
    from rollout.canary.comparison import ComparisonResult
    from rollout.shadow.result import ShadowResult
    from slo.reason import Reason

__all__ = [
    "Step",
    "StepName",
    "Verification",
    "overall",
]


class StepName(StrEnum):
    """The three steps, in their order."""

    SHADOW = "shadow"
    LOAD_TEST = "load test"
    COMPARISON = "comparison"

    @property
    def option(self) -> str:
        """As --skip has it: "load-test"."""
        return self.value.replace(" ", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step.

    Attributes:
        name: which.
        verdict: None when it was not done.
        skipped: why it was not done, a sentence without a full stop; "" when it was.
        seconds: that it took.
        reasons: what the verdict rests on.
        notes: what else was seen and decided nothing.
    """

    name: StepName
    verdict: CanaryVerdict | None
    skipped: str = ""
    seconds: float = 0.0
    reasons: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """A canary verification, whole.

    Attributes:
        id: unique, sorts by time.
        started_at: UTC.
        seconds: from the first step's beginning to the last one's end.
        environment: whose thresholds held.
        canary_url, production_url, baseline_url: "" where there is none.
        compared_url: the side that the canary was held against: the baseline, else production.
        preflight: the line that said beforehand what the comparison would be able to see.
        warnings: what makes the verdict worth less, a sentence each.
        steps: all three, in their order.
        verdict: of all steps that were done.
        on_inconclusive: what follows when the verdict is INCONCLUSIVE.
        shadow, load_test, comparison: what each step measured; None when it was not done.
        rollback: None when there is no command for it.
        interrupted: ended by the user.
        failure: why it could not be done as planned; "" when it was.
    """

    id: str
    started_at: datetime
    seconds: float
    environment: str
    canary_url: str
    production_url: str
    baseline_url: str
    compared_url: str
    preflight: str
    warnings: tuple[str, ...]
    steps: tuple[Step, ...]
    verdict: CanaryVerdict
    on_inconclusive: OnInconclusive = OnInconclusive.PAUSE
    shadow: ShadowResult | None = None
    load_test: Measurement | None = None
    comparison: ComparisonResult | None = None
    rollback: RollbackOutcome | None = None
    interrupted: bool = False
    failure: str = ""

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Of the steps whose verdict is that of the whole."""
        return tuple(
            reason for step in self.steps if step.verdict is self.verdict for reason in step.reasons
        )

    @property
    def rejected(self) -> bool:
        """True when the canary must go: it failed, or nothing was proven and that is a failure."""
        return self.verdict is CanaryVerdict.FAIL or (
            self.verdict is CanaryVerdict.INCONCLUSIVE
            and self.on_inconclusive is OnInconclusive.FAIL
            and not self.interrupted
        )

    @property
    def accepted(self) -> bool:
        """True when the canary may go on: it passed, or nothing was proven and that will do."""
        return self.verdict is CanaryVerdict.PASS or (
            self.verdict is CanaryVerdict.INCONCLUSIVE
            and self.on_inconclusive is OnInconclusive.PROMOTE
            and not self.interrupted
        )


_WORST_FIRST = (CanaryVerdict.FAIL, CanaryVerdict.INVALID, CanaryVerdict.INCONCLUSIVE)


def overall(steps: Sequence[Step]) -> CanaryVerdict:
    """The verdict of all steps: the worst one. Without any step that was done nothing is known.

    Args:
        steps: those that were skipped say nothing.
    """
    done = [step.verdict for step in steps if step.verdict is not None]
    if not done:
        return CanaryVerdict.INCONCLUSIVE
    return next((each for each in _WORST_FIRST if each in done), CanaryVerdict.PASS)
