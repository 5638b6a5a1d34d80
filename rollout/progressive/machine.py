"""The states of a rollout and what leads from one to the next: one table. Pure.

Whoever drives a rollout asks `step` and does what the new state says; nobody else changes a
state. What no row allows raises and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from loadgen.errors import LoadgenError

if TYPE_CHECKING:
    from rollout.progressive.stage import Stage

__all__ = [
    "ENDS",
    "TABLE",
    "Event",
    "Move",
    "NotAllowedError",
    "Phase",
    "State",
    "begin",
    "order_word",
    "step",
]


class Phase(StrEnum):
    """Where a rollout is."""

    SHIFTING = "shifting"
    """The stage's weight is being set and proven."""
    HOLDING = "holding"
    """The weight is proven; the stage's clock runs, and it is judged."""
    PAUSED = "paused"
    """The weight stays as it is until a person decides."""
    WAITING = "waiting"
    """The stage has passed and stands at its gate: a person promotes."""
    ROLLING_BACK = "rolling back"
    """All traffic goes back to the stable version."""
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled back"
    STUCK = "rollback failed"
    """A rollback did not succeed: a person is needed."""


ENDS = frozenset({Phase.PROMOTED, Phase.ROLLED_BACK, Phase.STUCK})
"""Nothing follows by itself; only a person's order to roll back leads out of them."""


class Event(StrEnum):
    """What happens to a rollout."""

    SHIFTED = "shifted"
    """The stage's weight is set and proven."""
    PASSED = "passed"
    FAILED = "failed"
    """A FAIL, with the policy to roll back."""
    HALTED = "halted"
    """A FAIL, with the policy to pause."""
    EXTENDED = "extended"
    """INCONCLUSIVE, with the policy to look on."""
    GATED = "gated"
    """The stage has passed, and a person is to promote."""
    PAUSE = "pause"
    RESUME = "resume"
    PROMOTE = "promote"
    PROMOTE_FULL = "promote full"
    TAKE_BACK = "take back"
    """Somebody orders the rollback, or a policy does without a FAIL."""
    SAFE = "safe"
    """The rollback is done and proven."""
    UNSAFE = "unsafe"
    """The rollback could not be done."""


class _Goes(StrEnum):
    """Which stage follows."""

    SAME = "same"
    NEXT = "next"
    LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One row of the table.

    Attributes:
        to: the new phase. SHIFTING beyond the last stage is PROMOTED.
        goes: to which stage.
        fails: the rollout has failed from here on; that stays.
    """

    to: Phase
    goes: _Goes = _Goes.SAME
    fails: bool = False


def _table() -> Mapping[tuple[Phase, Event], Move]:
    to_next = Move(to=Phase.SHIFTING, goes=_Goes.NEXT)
    to_last = Move(to=Phase.SHIFTING, goes=_Goes.LAST)
    back = Move(to=Phase.ROLLING_BACK)
    failed = Move(to=Phase.ROLLING_BACK, fails=True)
    halted = Move(to=Phase.PAUSED, fails=True)
    pause = Move(to=Phase.PAUSED)
    shifting, holding, paused, waiting = (
        Phase.SHIFTING,
        Phase.HOLDING,
        Phase.PAUSED,
        Phase.WAITING,
    )
    return {
        (shifting, Event.SHIFTED): Move(to=holding),
        (shifting, Event.FAILED): failed,
        (shifting, Event.HALTED): halted,
        (shifting, Event.PAUSE): pause,
        (shifting, Event.TAKE_BACK): back,
        (holding, Event.PASSED): to_next,
        (holding, Event.FAILED): failed,
        (holding, Event.HALTED): halted,
        (holding, Event.EXTENDED): Move(to=holding),
        (holding, Event.GATED): Move(to=waiting),
        (holding, Event.PAUSE): pause,
        (holding, Event.PROMOTE): to_next,
        (holding, Event.PROMOTE_FULL): to_last,
        (holding, Event.TAKE_BACK): back,
        (paused, Event.RESUME): Move(to=shifting),
        (paused, Event.PROMOTE): to_next,
        (paused, Event.PROMOTE_FULL): to_last,
        (paused, Event.TAKE_BACK): back,
        (waiting, Event.PROMOTE): to_next,
        (waiting, Event.PROMOTE_FULL): to_last,
        (waiting, Event.TAKE_BACK): back,
        (Phase.ROLLING_BACK, Event.SAFE): Move(to=Phase.ROLLED_BACK),
        (Phase.ROLLING_BACK, Event.UNSAFE): Move(to=Phase.STUCK),
        (Phase.PROMOTED, Event.TAKE_BACK): back,
        (Phase.ROLLED_BACK, Event.TAKE_BACK): back,
        (Phase.STUCK, Event.TAKE_BACK): back,
    }


TABLE = MappingProxyType(_table())
"""Everything that can happen. The canary's weight rises only where SHIFTING stands."""


class NotAllowedError(LoadgenError):
    """What was asked for cannot be done in this state: the state, what is possible instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where a rollout stands.

    Attributes:
        phase: of it.
        stage: index of its stage.
        visit: counts how often a shift or a rollback was begun: actions of different visits
            are different actions.
        weight_percent: what the canary is to have of live traffic; the stable version has
            the rest.
        failed: a FAIL was found; from then on the weight never rises.
        extensions: how often this hold was extended.
    """

    phase: Phase
    stage: int
    visit: int
    weight_percent: float
    failed: bool = False
    extensions: int = 0

    @property
    def stable_percent(self) -> float:
        """The stable version's part."""
        return 100.0 - self.weight_percent

    @property
    def ended(self) -> bool:
        """True when nothing follows by itself."""
        return self.phase in ENDS


def begin(stages: Sequence[Stage]) -> State:
    """The first state: the first stage's weight is to be set.

    Args:
        stages: of the rollout, one at least.
    """
    return State(phase=Phase.SHIFTING, stage=0, visit=0, weight_percent=float(stages[0].percentage))


def step(state: State, event: Event, stages: Sequence[Stage]) -> State:
    """The state after an event.

    Args:
        state: before it.
        event: what happened.
        stages: of the rollout.

    Raises:
        NotAllowedError: the event cannot happen in this state.
    """
    move = TABLE.get((state.phase, event))
    if move is None:
        raise NotAllowedError(_not_allowed(state, event))
    if move.to is Phase.SHIFTING and state.failed:
        raise NotAllowedError(
            f"{event}: found a rollout that has failed, and a FAIL is final; expected abort, and a "
            "new rollout of a new version"
        )
    stage = _stage(state.stage, move.goes, len(stages))
    if stage == len(stages):
        return replace(state, phase=Phase.PROMOTED, extensions=0)
    begins = move.to in {Phase.SHIFTING, Phase.ROLLING_BACK}
    return State(
        phase=move.to,
        stage=stage,
        visit=state.visit + 1 if begins else state.visit,
        weight_percent=_weight(state, move, stages[stage]),
        failed=state.failed or move.fails,
        extensions=state.extensions + 1 if event is Event.EXTENDED else 0,
    )


def order_word(event: Event, *, ended: bool = False) -> str:
    """What a person types to order an event.

    Args:
        event: the order.
        ended: of a rollout that has ended, where nothing is left to abort.
    """
    if event is Event.TAKE_BACK:
        return "rollback" if ended else "abort"
    return str(event)


def _stage(stage: int, goes: _Goes, count: int) -> int:
    """The index of the stage that follows; `count` when that was the last one."""
    if goes is _Goes.SAME:
        return stage
    return stage + 1 if goes is _Goes.NEXT else max(stage + 1, count - 1)


def _weight(state: State, move: Move, stage: Stage) -> float:
    """What the canary is to have after a move."""
    if move.to is Phase.ROLLING_BACK:
        return 0.0
    return float(stage.percentage) if move.to is Phase.SHIFTING else state.weight_percent


def _not_allowed(state: State, event: Event) -> str:
    possible = ", ".join(
        order_word(each, ended=state.ended)
        for phase, each in TABLE
        if phase is state.phase and each in _ORDERS
    )
    return (
        f"{order_word(event, ended=state.ended)}: found a rollout that is {state.phase}, "
        "where this cannot be done; "
        f"expected {possible or 'to wait until that is done'}"
    )


_ORDERS = frozenset({Event.PAUSE, Event.RESUME, Event.PROMOTE, Event.PROMOTE_FULL, Event.TAKE_BACK})
"""What a person can ask for."""
