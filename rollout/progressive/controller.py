"""Drives one rollout: does what its state says, journals it, and asks the machine what follows.

Everything that it knows stands in the journal, so that another process can go on where this one
died. Orders of people and signals are looked at several times a second, whatever goes on.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, assert_never

from rollout.progressive.actions import Actions
from rollout.progressive.actor import POLICY
from rollout.progressive.database import JournalError
from rollout.progressive.decision import Decision, failure_event, lost_event
from rollout.progressive.hold import Hold
from rollout.progressive.machine import Event, NotAllowedError, Phase, State, step
from rollout.progressive.news import Changed
from slo.canary import CanaryVerdict
from slo.policy import OnFailure

if TYPE_CHECKING:
    from loadgen.interrupts import Interrupts
    from rollout.progressive.crew import Crew, RolloutPlan
    from rollout.progressive.entry import Rollout
    from rollout.progressive.journal import Journal
    from rollout.progressive.stage import Hook, Stage

__all__ = ["Controller"]

ATTEND_S = 0.1
"""Between two looks at orders; they are to be taken up within a second."""
LOOK_S = 0.005
"""Between two looks at what is waited for: traffic must not wait for the loop to be safe."""


class Controller:
    """Drives a rollout until it has ended or rests.

    Args:
        journal: the rollout stands in it already.
        rollout: which.
        state: where it stands.
        plan: what is to be done.
        crew: who does it.
        interrupts: of this process.
        reason: why it stands there, a sentence.
    """

    def __init__(
        self,
        journal: Journal,
        rollout: Rollout,
        state: State,
        *,
        plan: RolloutPlan,
        crew: Crew,
        interrupts: Interrupts,
        reason: str = "",
    ) -> None:
        self.state = state
        self._reason = reason
        self._journal = journal
        self._id = rollout.id
        self._plan = plan
        self._crew = crew
        self._interrupts = interrupts
        self._leaving = False
        self._ordered_s: float | None = None
        self._actions = Actions(journal, rollout, crew)

    def run(self) -> State:
        """Drives it.

        Returns:
            An end, or a pause when nobody is there to give orders or a signal came.

        Raises:
            JournalError: the journal cannot be written any more, and no rollback was chosen for
                that.
        """
        with self._interrupts.on_signals():
            try:
                self._tell("begin", POLICY, self._reason)
                self._attend()
                while not self._rests():
                    self._advance()
                self._end_messages()
            except JournalError as error:
                self._without_journal(error)
        return self.state

    @property
    def stage(self) -> Stage:
        """The one that it is at."""
        return self._plan.stages[self.state.stage]

    def _rests(self) -> bool:
        waits = self.state.phase in {Phase.PAUSED, Phase.WAITING}
        return self.state.ended or (waits and (self._leaving or not self._plan.attended))

    def _advance(self) -> None:
        match self.state.phase:
            case Phase.SHIFTING:
                self._shift()
            case Phase.HOLDING:
                self._hold()
            case Phase.PAUSED | Phase.WAITING:
                self._wait(lambda: self._leaving)
            case Phase.ROLLING_BACK:
                self._roll_back()
            case Phase.PROMOTED | Phase.ROLLED_BACK | Phase.STUCK:
                raise AssertionError("an end does not advance")
            case _:
                assert_never(self.state.phase)

    def _shift(self) -> None:
        """Hooks, weight, proof; each is skipped when it was done before a crash."""
        state, actions = self.state, self._actions
        for number, hook in enumerate(self.stage.before):
            problem = self._hook("before", number, hook)
            if self._moved(state) or self._failed(problem):
                return
        problem = actions.set_weight(state, self._wait)
        if self._moved(state):
            return
        if problem:
            event = lost_event(self._plan.policy.on_lost)
            self._change(event, f"The weight could not be set: {problem}")
            return
        problem = actions.prove(state, self._attend)
        if not self._moved(state) and not self._failed(problem):
            self._change(Event.SHIFTED, f"{self.stage.name}: the split is proven")

    def _hold(self) -> None:
        state = self.state
        decision = Hold(
            self._journal,
            self._id,
            state=state,
            stage=self.stage,
            policy=self._plan.policy,
            crew=self._crew,
        ).run(self._wait)
        if decision is None or self._moved(state):
            return
        if decision.event in {Event.PASSED, Event.GATED}:
            for number, hook in enumerate(self.stage.after):
                problem = self._hook("after", number, hook)
                if self._moved(state) or self._failed(problem):
                    return
        self._decided(decision)

    def _hook(self, when: str, number: int, hook: Hook) -> str:
        return self._actions.hook(
            hook, self.state, self.stage, when=when, number=number, wait=self._wait
        )

    def _roll_back(self) -> None:
        result = self._actions.roll_back(
            self.state, self._wait, reason=self._reason, ordered_s=self._ordered_s
        )
        self._ordered_s = None
        detail = {
            "succeeded": result.succeeded,
            "seconds_to_safe": result.seconds_to_safe,
            "command": result.command.text if result.command else None,
        }
        event = Event.SAFE if result.succeeded else Event.UNSAFE
        self._change(event, result.text, detail=detail)

    def _failed(self, problem: str) -> bool:
        """True when there is a problem, and the stage has failed by it or goes on in spite of it.

        A failed stage leads where the policy says; with "continue" it is only told.
        """
        if not problem:
            return False
        if self._plan.policy.on_failure is OnFailure.CONTINUE:
            self._journal.note(self._id, "carried on", f"Carried on in spite of: {problem}")
            return False
        event = failure_event(self._plan.policy.on_failure)
        self._decided(Decision(event=event, verdict=CanaryVerdict.FAIL, text=problem))
        return True

    def _decided(self, decision: Decision) -> None:
        self._change(
            decision.event,
            f"{self.stage.name}: {decision.text}",
            verdict=decision.verdict,
            detail={"verdict": decision.verdict},
        )

    def _change(
        self,
        event: Event,
        text: str,
        *,
        who: str = POLICY,
        order: int | None = None,
        verdict: str = "",
        detail: Mapping[str, object] | None = None,
    ) -> None:
        """Asks the machine, journals the new state, tells of it.

        Raises:
            NotAllowedError: the machine does not allow it; nothing was changed.
        """
        state = step(self.state, event, self._plan.stages)
        if state.phase is Phase.ROLLING_BACK:
            self._ordered_s = time.monotonic()
        self._journal.change(self._id, event, state, who=who, text=text, order=order, detail=detail)
        self.state, self._reason = state, text
        seconds_to_safe = (detail or {}).get("seconds_to_safe")
        self._tell(
            event,
            who,
            text,
            verdict=verdict,
            seconds_to_safe=seconds_to_safe if isinstance(seconds_to_safe, float) else None,
        )

    def _tell(
        self,
        event: str,
        who: str,
        text: str,
        *,
        verdict: str = "",
        seconds_to_safe: float | None = None,
    ) -> None:
        """Tells of the state: those who watch at once, those elsewhere once."""
        state = self.state
        changed = Changed(
            event=event,
            state=state,
            who=who,
            text=text,
            key=f"{state.visit}.{state.phase}.{state.extensions}",
            verdict=verdict,
            seconds_to_safe=seconds_to_safe,
        )
        self._crew.on_news(changed)
        self._actions.announce(changed)

    def _moved(self, before: State) -> bool:
        """True when an order or a signal has led elsewhere meanwhile."""
        return self.state is not before

    def _wait(self, is_done: Callable[[], bool]) -> bool:
        """Waits for something, attending to orders. False: the state is another one now."""
        before = self.state
        attend_s = 0.0
        while True:
            if time.monotonic() >= attend_s:
                if self._attend():
                    return False
                attend_s = time.monotonic() + ATTEND_S
            if is_done():
                return not self._moved(before)
            ready, _, _ = select.select([self._interrupts.fd], [], [], LOOK_S)
            if ready:
                self._interrupts.drain()
                attend_s = 0.0

    def _attend(self) -> bool:
        """Does what people and signals ask for. True: the state is another one now."""
        before = self.state
        self._actions.note_deliveries()
        if self._interrupts.asked and not self._leaving:
            self._leave()
        for order in self._journal.orders(self._id):
            why = f": {order.why}" if order.why else ""
            try:
                text = f"Ordered by {order.who}{why}"
                self._change(order.event, text, who=order.who, order=order.seq)
            except NotAllowedError as error:
                self._journal.refuse(order.seq, str(error))
        return self._moved(before)

    def _leave(self) -> None:
        """This process is asked to end: the policy says whether that pauses or rolls back."""
        self._leaving = True
        event = lost_event(self._plan.policy.on_signal)
        try:
            self._change(event, "This process was asked to end by a signal", who="signal")
        except NotAllowedError:
            return  # it rests already, or is rolling back, which is finished first

    def _end_messages(self) -> None:
        """Waits for messages under way, no longer than their deliveries take."""
        if self._crew.announcer is not None:
            self._actions.note_deliveries(self._crew.announcer.finish())

    def _without_journal(self, error: JournalError) -> None:
        """The disk is lost: what must be known stays with the router, or goes to safety."""
        if lost_event(self._plan.policy.on_lost) is Event.PAUSE:
            raise JournalError(
                f"{error}; traffic stays as it is: the canary has "
                f"{self.state.weight_percent:g} % or what it had before"
            ) from None
        result = self._actions.roll_back_unjournalled()
        raise JournalError(f"{error}; {result.text}") from None
