"""The actions of a rollout, each journalled before and after, and none done twice.

What was intended and has no outcome may have been done: a weight is then asked for before it is
set again, a hook is called with the key that it had, a rollback command leaves a receipt.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rollout.progressive.aside import Aside, HandOver
from rollout.progressive.database import JournalError
from rollout.progressive.news import Did
from rollout.progressive.receipt import Receipt
from rollout.proof import prove
from rollout.rollback import RollbackNote, RollbackPlan, RollbackStep, restore_stable
from rollout.routers.router import RouterError, UnderWayError
from rollout.split import SplitState

if TYPE_CHECKING:
    from rollout.progressive.announcer import Delivery
    from rollout.progressive.crew import Crew
    from rollout.progressive.entry import Rollout
    from rollout.progressive.journal import Journal
    from rollout.progressive.machine import State
    from rollout.progressive.news import Changed
    from rollout.progressive.stage import Hook, Stage
    from rollout.rollback import TrafficRollback

__all__ = ["Actions", "Wait"]

Wait = Callable[[Callable[[], bool]], bool]
"""Waits for something, attending to orders; False: they led elsewhere."""

BACKOFFS_S = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Before the further tries of a router that does not answer."""
UNDER_WAY_S = 0.05
"""Before a router goes on with a change that takes its time: enough to look at orders."""
SAME_PERCENT = 0.005
"""Two weights that differ by less are one."""


class Actions:
    """Does and journals the actions of one rollout.

    Args:
        journal: of it.
        rollout: which.
        crew: who does it.
    """

    def __init__(self, journal: Journal, rollout: Rollout, crew: Crew) -> None:
        self._journal = journal
        self._rollout = rollout
        self._crew = crew
        self.warning = ""

    def hook(
        self, hook: Hook, state: State, stage: Stage, *, when: str, number: int, wait: Wait
    ) -> str:
        """Calls a webhook once, or again with the same key when nobody knows whether it was.

        Args:
            hook: which.
            state: of the rollout.
            stage: that it is about.
            when: "before" or "after" the stage.
            number: of the hook among those.
            wait: see `Wait`.

        Returns:
            What was wrong, a clause; "" when it was taken, or when orders led elsewhere.
        """
        key = f"hook/{state.visit}/{when}/{number}"
        if self._journal.is_done(self._rollout.id, key):
            return ""
        body = {
            "rollout": self._rollout.id,
            "deployment": self._rollout.deployment,
            "namespace": self._rollout.namespace,
            "stage": stage.name,
            "weight_percent": stage.percentage,
            "when": when,
        }
        self._intend(key, f"The webhook {when} {stage.name} is called")
        given_up: list[bool] = []
        aside = Aside(
            lambda _hand_over: self._crew.call_hook(
                hook, body, f"{self._rollout.id}/{key}", lambda: bool(given_up)
            ),
            name="webhook",
        )
        if not wait(aside.is_done):
            given_up.append(True)
            return ""
        problem = aside.result()
        said = f"the webhook {when} {stage.name} failed: {problem}"
        self._conclude(key, said if problem else "The webhook was taken", done=not problem)
        return said if problem else ""

    def set_weight(self, state: State, wait: Wait) -> str:
        """Sets the state's weight; tries again, within limits, when the router does not answer.

        Returns:
            What was wrong; "" when it is set, or when orders led elsewhere.
        """
        key, router = f"weight/{state.visit}", self._crew.router
        weight_percent = state.weight_percent
        if self._journal.is_done(self._rollout.id, key):
            return ""
        if self._journal.is_open(self._rollout.id, key) and self._is_at(weight_percent):
            self._conclude(key, f"The weight was {weight_percent:g} % already", done=True)
            return ""
        self._intend(key, f"The canary's weight at {router.text} is set to {weight_percent:g} %")
        backoffs_s = iter(BACKOFFS_S)
        while True:
            pause_s = UNDER_WAY_S
            try:
                # Not aside: a call that is given up might set its weight after a rollback's.
                router.set(weight_percent)
            except UnderWayError:
                pass
            except RouterError as error:
                backoff_s = None if error.lasting else next(backoffs_s, None)
                if backoff_s is None:
                    self._conclude(key, str(error), done=False)
                    return str(error)
                pause_s = backoff_s
            else:
                self._conclude(key, f"The canary's weight is {weight_percent:g} %", done=True)
                return ""
            due_s = time.monotonic() + pause_s
            if not wait(lambda due_s=due_s: time.monotonic() >= due_s):  # type: ignore[misc]
                return ""

    def prove(self, state: State, is_stopped: Callable[[], bool]) -> str:
        """Measures the split.

        Returns:
            Why it is not proven; "" when it is, or when orders led elsewhere.
        """
        key = f"proof/{state.visit}"
        self._intend(key, f"The split of {state.weight_percent:g} % is measured")
        try:
            split = prove(
                self._crew.router, state.weight_percent, self._crew.proof, is_stopped=is_stopped
            )
        except RouterError as error:
            self._conclude(key, str(error), done=False)
            return f"the split cannot be measured: {error}"
        proven = split.state is SplitState.PROVEN
        self._conclude(key, split.text, done=proven)
        return "" if proven else f"the split is not proven: {split.text}"

    def announce(self, changed: Changed) -> None:
        """Has a turn told elsewhere, unless it was, or may have been before a crash."""
        announcer, key = self._crew.announcer, f"message/{changed.key}"
        if announcer is None or not announcer.wants(changed):
            return
        if self._journal.is_done(self._rollout.id, key) or self._journal.is_open(
            self._rollout.id, key
        ):
            return
        self._journal.intend(self._rollout.id, key, f"Slack is told: {changed.state.phase}")
        announcer.announce(key, changed)

    def note_deliveries(self, deliveries: Sequence[Delivery] | None = None) -> None:
        """Journals what became of messages; one that failed changes nothing else.

        Args:
            deliveries: None: those that have ended by now.
        """
        if deliveries is None:
            deliveries = self._crew.announcer.deliveries() if self._crew.announcer else ()
        for each in deliveries:
            text = each.problem or "Slack took the message"
            self._conclude(each.key, text, done=not each.problem)

    def roll_back(
        self, state: State, wait: Wait, *, reason: str, ordered_s: float | None
    ) -> TrafficRollback:
        """Takes all traffic back; whatever was done by a process before this one stays done.

        Args:
            state: ROLLING_BACK.
            wait: see `Wait`.
            reason: for {violations} in the command.
            ordered_s: when it was decided, on the monotonic clock; None: now.
        """
        name = f".{self._rollout.id}.{state.visit}.receipt"
        receipt = Receipt(self._journal.path.with_suffix(name))
        plan = self._rollback_plan(receipt, reason)
        is_done = self._journal.is_done(
            self._rollout.id, self._step_key(state, RollbackStep.COMMAND)
        )
        done = {RollbackStep.COMMAND} if is_done else set()
        unclear = receipt.unclear() if plan.command and not is_done else ""
        if unclear:
            plan = dataclasses.replace(plan, command=None)

        def work(hand_over: HandOver) -> TrafficRollback:
            return restore_stable(
                plan,
                on_step=lambda note: hand_over(lambda: self._tell_step(state, note)),
                done=done,
                ordered_s=ordered_s,
            )

        aside = Aside(work, name="rollback")
        while not wait(aside.is_done):
            pass  # nothing leads out of a rollback but its end
        result = aside.result()
        if unclear:
            return dataclasses.replace(result, succeeded=False, text=f"{result.text}. {unclear}")
        return result

    def roll_back_unjournalled(self) -> TrafficRollback:
        """The same when the journal is lost: weights only, for nobody would know of a command."""
        plan = dataclasses.replace(self._rollback_plan(None, ""), command=None)
        return restore_stable(plan)

    def _rollback_plan(self, receipt: Receipt | None, reason: str) -> RollbackPlan:
        command = self._crew.command
        if command and receipt:
            command = dataclasses.replace(command, wrapper=receipt.wrapper)
        return RollbackPlan(
            router=self._crew.router,
            proof=self._crew.proof,
            check_stable=self._crew.check_stable,
            command=command,
            run_id=self._rollout.id,
            reasons=(reason,) if reason else (),
        )

    def _is_at(self, weight_percent: float) -> bool:
        """True when the router has this weight; False also when it cannot say."""
        try:
            return math.isclose(
                self._crew.router.get(),
                self._crew.router.nearest(weight_percent),
                abs_tol=SAME_PERCENT,
            )
        except RouterError:
            return False

    def _step_key(self, state: State, step: RollbackStep) -> str:
        return f"rollback/{state.visit}/{step.name.lower()}"

    def _tell_step(self, state: State, note: RollbackNote) -> None:
        """Journals a step of a rollback. A lost journal does not keep traffic from safety."""
        key = self._step_key(state, note.step)
        try:
            if note.succeeded is None:
                self._intend(key, note.text)
            else:
                # A command says last what it did: which revision it went back to, for example.
                text = f"{note.text}: {note.output[-1]}" if note.output else note.text
                self._conclude(key, text, done=note.succeeded)
        except JournalError as error:
            self.warning = str(error)

    def _intend(self, key: str, text: str) -> None:
        self._journal.intend(self._rollout.id, key, text)
        self._crew.on_news(Did(key=key, text=text, succeeded=None))

    def _conclude(self, key: str, text: str, *, done: bool) -> None:
        self._journal.conclude(self._rollout.id, key, text, done=done)
        self._crew.on_news(Did(key=key, text=text, succeeded=done))
