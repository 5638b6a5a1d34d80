"""The table of states, walked at random beside a model that was written apart from it."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from rollout.progressive.machine import (
    ENDS,
    TABLE,
    Event,
    NotAllowedError,
    Phase,
    State,
    begin,
    step,
)
from rollout.progressive.stage import Stage


def _stages(*percentages: float) -> tuple[Stage, ...]:
    return tuple(Stage(name=f"{p:g}%", percentage=p, duration_s=1) for p in percentages)


THREE = _stages(5, 50, 100)


class Walk(RuleBasedStateMachine):
    """Random events; the model keeps nothing but what was seen of the weights."""

    @initialize(percentages=st.lists(st.integers(1, 99), max_size=4).map(sorted))
    def start(self, percentages: list[int]) -> None:
        self.stages = _stages(*percentages, 100)
        self.state = begin(self.stages)
        self.failed = False
        self.after_fail = 100.0
        self.visited = [0]

    @rule(event=st.sampled_from(Event))
    def happen(self, event: Event) -> None:
        before = self.state
        try:
            self.state = step(before, event, self.stages)
        except NotAllowedError:
            return
        if event in {Event.FAILED, Event.HALTED}:
            self.failed = True
            self.after_fail = before.weight_percent
        if self.state.stage != before.stage:
            self.visited.append(self.state.stage)
            assert event is Event.PROMOTE_FULL or self.state.stage == before.stage + 1
        if self.state.weight_percent > before.weight_percent:
            assert self.state.phase is Phase.SHIFTING

    @invariant()
    def weights_sum_to_100(self) -> None:
        assert self.state.weight_percent + self.state.stable_percent == 100
        assert 0 <= self.state.weight_percent <= 100

    @invariant()
    def a_failed_rollout_never_gives_the_canary_more(self) -> None:
        assert self.state.failed == self.failed
        if self.failed:
            assert self.state.weight_percent <= self.after_fail
            self.after_fail = self.state.weight_percent

    @invariant()
    def promoted_is_everything_to_the_canary(self) -> None:
        if self.state.phase is Phase.PROMOTED:
            assert self.state.weight_percent == 100
            assert not self.failed

    @invariant()
    def rolled_back_is_nothing_to_the_canary(self) -> None:
        if self.state.phase in {Phase.ROLLING_BACK, Phase.ROLLED_BACK, Phase.STUCK}:
            assert self.state.weight_percent == 0

    @invariant()
    def stages_come_in_their_order(self) -> None:
        assert self.visited == sorted(set(self.visited))


Walk.TestCase.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
TestWalk = Walk.TestCase


@pytest.mark.parametrize(
    ("events", "end"),
    [
        ((Event.SHIFTED, Event.PASSED) * 3, Phase.PROMOTED),
        ((Event.SHIFTED, Event.FAILED, Event.SAFE), Phase.ROLLED_BACK),
        ((Event.SHIFTED, Event.FAILED, Event.UNSAFE), Phase.STUCK),
        ((Event.SHIFTED, Event.PROMOTE_FULL, Event.SHIFTED, Event.PASSED), Phase.PROMOTED),
        ((Event.PAUSE, Event.PROMOTE, Event.PAUSE, Event.TAKE_BACK, Event.SAFE), Phase.ROLLED_BACK),
    ],
)
def test_every_end_is_reached(events: tuple[Event, ...], end: Phase) -> None:
    state = begin(THREE)
    for event in events:
        state = step(state, event, THREE)
    assert state.phase is end


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.ROLLING_BACK])
def test_a_rollback_is_possible_from_every_state(phase: Phase) -> None:
    assert TABLE[phase, Event.TAKE_BACK].to is Phase.ROLLING_BACK


def test_nothing_but_a_rollback_leads_out_of_an_end() -> None:
    assert {event for phase, event in TABLE if phase in ENDS} == {Event.TAKE_BACK}


def test_a_failed_rollout_cannot_be_promoted_and_stays_as_it_is() -> None:
    halted = step(step(begin(THREE), Event.SHIFTED, THREE), Event.HALTED, THREE)
    for event in (Event.RESUME, Event.PROMOTE, Event.PROMOTE_FULL):
        with pytest.raises(NotAllowedError, match="a FAIL is final"):
            step(halted, event, THREE)
    assert step(halted, Event.TAKE_BACK, THREE).weight_percent == 0


def test_a_gate_is_left_by_a_promotion_and_not_by_a_restart() -> None:
    waiting = step(step(begin(THREE), Event.SHIFTED, THREE), Event.GATED, THREE)
    with pytest.raises(NotAllowedError, match="expected promote, promote full, abort"):
        step(waiting, Event.RESUME, THREE)
    assert step(waiting, Event.PROMOTE, THREE).weight_percent == 50


def test_actions_of_a_second_try_are_other_actions() -> None:
    first = begin(THREE)
    again = step(step(first, Event.PAUSE, THREE), Event.RESUME, THREE)
    assert (again.stage, again.phase) == (first.stage, first.phase)
    assert again.visit == first.visit + 1


def test_extensions_are_counted_until_the_stage_ends() -> None:
    state = step(begin(THREE), Event.SHIFTED, THREE)
    state = step(step(state, Event.EXTENDED, THREE), Event.EXTENDED, THREE)
    assert state.extensions == 2
    assert step(state, Event.PASSED, THREE).extensions == 0


def test_after_the_end_a_rollback_is_what_can_be_ordered() -> None:
    ended = State(phase=Phase.PROMOTED, stage=2, visit=3, weight_percent=100)
    with pytest.raises(NotAllowedError, match=r"^pause: .*; expected rollback$"):
        step(ended, Event.PAUSE, THREE)
