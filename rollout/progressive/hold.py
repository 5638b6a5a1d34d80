"""Holds one stage for its duration while its judges look at it, second by second."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from rollout.progressive.decision import Decision, decide
from rollout.progressive.entry import Kind
from rollout.progressive.machine import Event
from rollout.progressive.news import Looked
from slo.canary import CanaryVerdict

if TYPE_CHECKING:
    from rollout.progressive.crew import Crew
    from rollout.progressive.journal import Journal
    from rollout.progressive.judge import Opinion
    from rollout.progressive.machine import State
    from rollout.progressive.policy import RolloutPolicy
    from rollout.progressive.stage import Stage

__all__ = ["Hold"]

SECOND_S = 1.0
LINGER_S = 60.0
"""How long judges may take after the hold: a load test awaits its last answers."""


class Hold:
    """One hold.

    Args:
        journal: of the rollout.
        rollout: its id.
        state: HOLDING.
        stage: that is held.
        policy: of the rollout.
        crew: its judges.
    """

    def __init__(
        self,
        journal: Journal,
        rollout: str,
        *,
        state: State,
        stage: Stage,
        policy: RolloutPolicy,
        crew: Crew,
    ) -> None:
        self._journal = journal
        self._id = rollout
        self._state = state
        self._stage = stage
        self._policy = policy
        self._crew = crew
        self._key = f"verdict/{state.visit}/{state.extensions}"

    def run(self, wait: Callable[[Callable[[], bool]], bool]) -> Decision | None:
        """Holds it.

        Args:
            wait: waits for something, attending to orders; False: they led elsewhere.

        Returns:
            What it came to; None when it was led elsewhere.
        """
        known = self._journal.last_evidence(self._id, self._key)
        if known is not None:  # a process before this one had decided, and died on the way
            return Decision(
                event=Event(str(known["event"])),
                verdict=CanaryVerdict(str(known["verdict"])),
                text=str(known["text"]),
            )
        try:
            decision = self._look_on(wait)
        finally:
            for judge in self._crew.judges:
                judge.stop()
        return decision

    def _look_on(self, wait: Callable[[Callable[[], bool]], bool]) -> Decision | None:
        began_s = self._stage.duration_s * self._state.extensions
        end_s = began_s + self._stage.duration_s
        rows = self._journal.rows(self._id, self._state.visit)
        held_s = max([began_s, *(t_s for t_s, _ in rows)])
        if any(judge.starts_over for judge in self._crew.judges):
            held_s, rows = began_s, []
        for judge in self._crew.judges:
            mine = [row.get(judge.name) for _, row in rows]
            known = [row for row in mine if isinstance(row, Mapping)]
            judge.begin(self._stage, end_s - held_s, known)
        clock = time.monotonic() - held_s
        while held_s < end_s:
            held_s = min(held_s + SECOND_S, end_s)
            due_s = clock + held_s
            if not wait(lambda due_s=due_s: time.monotonic() >= due_s):  # type: ignore[misc]
                return None
            opinions = [judge.look() for judge in self._crew.judges]
            self._tell(opinions, held_s, end_s)
            decision = decide(opinions, self._policy, ended=False)
            if decision is not None:
                return self._decided(decision, opinions)
        deadline_s = time.monotonic() + LINGER_S
        if not wait(
            lambda: (
                all(judge.is_done() for judge in self._crew.judges) or time.monotonic() > deadline_s
            )
        ):
            return None
        opinions = [judge.conclude() for judge in self._crew.judges]
        decision = decide(
            opinions,
            self._policy,
            ended=True,
            extensions=self._state.extensions,
            gated=self._stage.gate,
        )
        return self._decided(decision, opinions) if decision else None

    def _tell(self, opinions: Sequence[Opinion], held_s: float, end_s: float) -> None:
        row: dict[str, object] = {"weight_percent": self._state.weight_percent}
        row |= {each.judge: each.row for each in opinions if each.row is not None}
        times = next((each.histogram for each in opinions if each.histogram), None)
        self._journal.second(self._id, self._state.visit, held_s, row, times)
        self._crew.on_news(
            Looked(state=self._state, held_s=held_s, duration_s=end_s, opinions=opinions, row=row)
        )

    def _decided(self, decision: Decision, opinions: Sequence[Opinion]) -> Decision:
        """Journals the verdict with its evidence: from here on it stands, whatever happens."""
        detail: Mapping[str, object] = {
            "event": decision.event,
            "verdict": decision.verdict,
            "text": decision.text,
            "opinions": [
                {
                    "judge": each.judge,
                    "verdict": each.verdict,
                    "text": each.text,
                    "on_failure": each.on_failure,
                    "evidence": each.evidence,
                }
                for each in opinions
            ],
        }
        self._journal.note(self._id, self._key, decision.text, kind=Kind.EVIDENCE, detail=detail)
        return decision
