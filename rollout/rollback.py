"""Takes live traffic back to the stable version, in steps that each can be journalled.

First it is asked whether the stable side is well: all traffic is never sent to a side that fails
its own check. Then the weight goes to 0, that is proven, and the rollback command runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

from loadgen.consequence import RollbackOutcome
from loadgen.rollback import RollbackOptions, roll_back
from rollout.proof import ProofOptions, prove
from rollout.routers.router import Router, RouterError, UnderWayError
from rollout.split import Split, SplitState

__all__ = [
    "RollbackNote",
    "RollbackPlan",
    "RollbackStep",
    "TrafficRollback",
    "restore_stable",
]

TRIES = 5
BACKOFF_S = 0.1
"""Before the second try of the router; twice as long before each further one."""


class RollbackStep(StrEnum):
    """What a rollback does, in this order."""

    CHECK = "check the stable version"
    WEIGHT = "set the canary's weight to 0 %"
    PROOF = "measure that no traffic goes to the canary"
    COMMAND = "run the rollback command"


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackNote:
    """One line for the journal: a step is about to be done, or was done.

    Attributes:
        step: which.
        succeeded: None: about to be done; else its outcome.
        text: what will be done, or what came of it, a sentence without a full stop.
        seconds: since the rollback was ordered.
        output: the last lines of the command; empty elsewhere.
    """

    step: RollbackStep
    succeeded: bool | None
    text: str
    seconds: float
    output: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackPlan:
    """How traffic is taken back.

    Attributes:
        router: what moves it.
        proof: how it is measured that no traffic goes to the canary.
        check_stable: asks whether the stable side can take all traffic: "" when it can, else why
            not, a clause; None: there is no way to ask.
        command: what takes the deployment back afterwards; None: only weights are restored.
        run_id: for {run_id} in the command.
        reasons: for {violations} in the command.
    """

    router: Router
    proof: ProofOptions
    check_stable: Callable[[], str] | None = None
    command: RollbackOptions | None = None
    run_id: str = ""
    reasons: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficRollback:
    """What became of a rollback.

    Attributes:
        succeeded: the stable version has all traffic, measured, and the command succeeded.
        seconds_to_safe: from the order to the measured 0 %; None: it was not proven.
        split: the proof; None: it did not come to that.
        command: its outcome; None: there is none, or it was not run.
        text: what happened, one sentence without a full stop.
    """

    succeeded: bool
    seconds_to_safe: float | None
    split: Split | None
    command: RollbackOutcome | None
    text: str


def restore_stable(
    plan: RollbackPlan,
    *,
    on_step: Callable[[RollbackNote], None] = lambda _note: None,
    done: Set[RollbackStep] = frozenset(),
    ordered_s: float | None = None,
) -> TrafficRollback:
    """Takes all traffic back. May be called again at any time: what is restored stays so.

    Blocks until it is done. A router that cannot be reached is tried again for seconds; the
    command runs also when traffic was not proven to be back, for it may be what helps.

    Args:
        plan: how.
        on_step: told of each step before and after it is done.
        done: steps that an earlier call finished and that must not be done twice; only the
            command is worth naming, all others are done again at no harm.
        ordered_s: when the rollback was ordered, on the monotonic clock; None: now.
    """
    rollback = _Rollback(plan, on_step, time.monotonic() if ordered_s is None else ordered_s)
    if why := rollback.check():
        return TrafficRollback(
            succeeded=False, seconds_to_safe=None, split=None, command=None, text=why
        )
    weight_problem = rollback.set_weight()
    split, evidence = (None, "") if weight_problem else rollback.prove()
    is_safe = split is not None and split.state is SplitState.PROVEN
    seconds_to_safe = rollback.seconds() if is_safe else None
    command = None if RollbackStep.COMMAND in done else rollback.run_command()
    return TrafficRollback(
        succeeded=is_safe and (command is None or command.succeeded),
        seconds_to_safe=seconds_to_safe,
        split=split,
        command=command,
        text=_summary(plan, weight_problem, evidence, seconds_to_safe, command),
    )


@dataclass(frozen=True, slots=True)
class _Rollback:
    """The steps, each told of before and after."""

    plan: RollbackPlan
    on_step: Callable[[RollbackNote], None]
    ordered_s: float

    def seconds(self) -> float:
        return time.monotonic() - self.ordered_s

    def check(self) -> str:
        """Why nothing may be moved; "" when it may."""
        if self.plan.check_stable is None:
            return ""
        step = RollbackStep.CHECK
        self._tell(step, None, "the stable version is asked whether it is well")
        why = self.plan.check_stable()
        self._tell(step, not why, why or "the stable version is well")
        return (
            "No traffic was moved, and a person is needed: the stable version fails its own "
            f"check, too ({why})"
            if why
            else ""
        )

    def set_weight(self) -> str:
        """Why the weight could not be set; "" when it was."""
        step, router = RollbackStep.WEIGHT, self.plan.router
        self._tell(step, None, f"the canary's weight at {router.text} is set to 0 %")
        failures = 0
        while True:
            try:
                router.set(0)
            except UnderWayError:
                continue  # it has waited itself
            except RouterError as error:
                why = str(error)
                failures += 1
                if error.lasting or failures == TRIES:
                    break
                time.sleep(BACKOFF_S * 2 ** (failures - 1))
            else:
                self._tell(step, True, f"the canary's weight at {router.text} is 0 %")
                return ""
        self._tell(step, False, why)
        return why

    def prove(self) -> tuple[Split | None, str]:
        """The measured split, None when it cannot be measured, and the evidence or the problem."""
        step = RollbackStep.PROOF
        self._tell(step, None, "the split of traffic is measured")
        try:
            split = prove(self.plan.router, 0, self.plan.proof)
        except RouterError as error:
            self._tell(step, False, str(error))
            return None, str(error)
        self._tell(step, split.state is SplitState.PROVEN, split.text)
        return split, split.text

    def run_command(self) -> RollbackOutcome | None:
        """Its outcome; None when there is no command."""
        options = self.plan.command
        if options is None:
            return None
        step = RollbackStep.COMMAND
        self._tell(step, None, f"{options.command[0]} is run")
        outcome = roll_back(options, run_id=self.plan.run_id, violations=self.plan.reasons)
        self._tell(step, outcome.succeeded, outcome.text, outcome.output)
        return outcome

    def _tell(
        self,
        step: RollbackStep,
        succeeded: bool | None,
        text: str,
        output: tuple[str, ...] = (),
    ) -> None:
        self.on_step(
            RollbackNote(
                step=step, succeeded=succeeded, text=text, seconds=self.seconds(), output=output
            )
        )


def _summary(
    plan: RollbackPlan,
    weight_problem: str,
    evidence: str,
    seconds_to_safe: float | None,
    command: RollbackOutcome | None,
) -> str:
    if seconds_to_safe is not None:
        traffic = (
            f"All traffic is back at the stable version, measured after {seconds_to_safe:.1f} s"
        )
    elif weight_problem:
        traffic = f"The canary's weight could not be set, and a person is needed: {weight_problem}"
    else:
        traffic = (
            "The canary's weight is 0 %, but that no traffic goes there was not proven, and a "
            f"person is needed: {evidence}"
        )
    if command is not None:
        return f"{traffic}. {command.text}"
    return (
        traffic if plan.command else f"{traffic}. Only weights were restored: no rollback.command"
    )
