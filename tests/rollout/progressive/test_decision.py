"""What judges' opinions lead to, by the policy."""

from __future__ import annotations

import pytest

from rollout.progressive.decision import decide, worst_verdict
from rollout.progressive.judge import Opinion
from rollout.progressive.machine import Event
from rollout.progressive.policy import RolloutPolicy
from slo.canary import CanaryVerdict
from slo.policy import Fallback, OnFailure, OnInconclusive

PASS, FAIL = CanaryVerdict.PASS, CanaryVerdict.FAIL
OPEN, INVALID = CanaryVerdict.INCONCLUSIVE, CanaryVerdict.INVALID


def _says(
    verdict: CanaryVerdict, on_failure: OnFailure = OnFailure.ROLLBACK, *, lost: bool = False
) -> Opinion:
    return Opinion(judge="j", verdict=verdict, text="because", on_failure=on_failure, lost=lost)


@pytest.mark.parametrize(
    ("opinions", "ended", "event"),
    [
        ([_says(OPEN)], False, None),
        ([_says(PASS)], False, None),
        ([_says(FAIL)], False, Event.FAILED),
        ([_says(FAIL, OnFailure.PAUSE)], False, Event.HALTED),
        ([_says(FAIL, OnFailure.CONTINUE)], False, None),
        ([_says(FAIL, OnFailure.PAUSE), _says(FAIL)], False, Event.FAILED),
        ([_says(OPEN, lost=True)], False, Event.PAUSE),
        ([_says(OPEN, lost=True), _says(FAIL)], False, Event.FAILED),
        ([_says(PASS), _says(PASS)], True, Event.PASSED),
        ([_says(PASS), _says(FAIL, OnFailure.CONTINUE)], True, Event.PASSED),
        ([_says(PASS), _says(OPEN)], True, Event.PAUSE),
        ([_says(PASS), _says(INVALID)], True, Event.PAUSE),
        ([], True, Event.PAUSE),
    ],
)
def test_where_it_leads(opinions: list[Opinion], ended: bool, event: Event | None) -> None:
    decision = decide(opinions, RolloutPolicy(), ended=ended)
    assert (decision.event if decision else None) == event


@pytest.mark.parametrize(
    ("policy", "extensions", "event"),
    [
        (OnInconclusive.PAUSE, 0, Event.PAUSE),
        (OnInconclusive.PROMOTE, 0, Event.PASSED),
        (OnInconclusive.FAIL, 0, Event.FAILED),
        (OnInconclusive.EXTEND, 1, Event.EXTENDED),
        (OnInconclusive.EXTEND, 2, Event.PAUSE),
    ],
)
def test_nothing_is_proven(policy: OnInconclusive, extensions: int, event: Event) -> None:
    chosen = RolloutPolicy(on_inconclusive=policy, most_extensions=2)
    decision = decide([_says(OPEN)], chosen, ended=True, extensions=extensions)
    assert decision is not None
    assert (decision.event, decision.verdict) == (event, OPEN)
    assert decision.text.startswith("j: because")


def test_a_gate_holds_a_pass_up() -> None:
    decision = decide([_says(PASS)], RolloutPolicy(), ended=True, gated=True)
    assert decision is not None
    assert decision.event is Event.GATED


def test_a_loss_may_roll_back() -> None:
    decision = decide(
        [_says(OPEN, lost=True)], RolloutPolicy(on_lost=Fallback.ROLLBACK), ended=False
    )
    assert decision is not None
    assert decision.event is Event.TAKE_BACK


def test_no_opinion_is_no_pass() -> None:
    assert worst_verdict([]) is OPEN
    assert worst_verdict([_says(PASS), _says(INVALID), _says(OPEN)]) is INVALID
