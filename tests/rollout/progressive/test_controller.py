"""A whole rollout: what is done in which order, and where it ends."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from rollout.progressive.database import JournalError
from rollout.progressive.history import read_record, read_rollouts
from rollout.progressive.machine import Event, Phase, State
from rollout.progressive.orders import await_answer, place_order
from rollout.progressive.policy import RolloutPolicy
from rollout.proof import ProofOptions
from rollout.routers.router import RouterError, Served
from slo.canary import CanaryVerdict
from slo.policy import Fallback, OnFailure, OnInconclusive
from tests.rollout.progressive.rehearsal import ID, STAGES, FileRouter, Rehearsal


def test_a_good_version_is_promoted(tmp_path: Path) -> None:
    rehearsal = Rehearsal(folder=tmp_path, verdicts={})
    state = rehearsal.drive()
    assert state.phase is Phase.PROMOTED
    assert rehearsal.actions == [
        "hook hook/0/before/0",
        "weight 5",
        "hook hook/0/after/0",
        "weight 100",
    ]


def test_a_bad_version_is_rolled_back(tmp_path: Path) -> None:
    rehearsal = Rehearsal(folder=tmp_path, verdicts={"100%": CanaryVerdict.FAIL})
    state = rehearsal.drive()
    assert state.phase is Phase.ROLLED_BACK
    assert rehearsal.actions[-3:] == ["weight 100", "weight 0", "undo"]
    record = read_record(rehearsal.path)
    assert [entry.key for entry in record.states] == [
        "begin", "shifted", "passed", "shifted", "failed", "safe",
    ]  # fmt: skip


def _ordering(rehearsal: Rehearsal, *events: Event) -> Callable[[str], None]:
    """Orders one event at each second of a hold, from another connection."""
    left = list(events)

    def on_write(what: str) -> None:
        if what == "after second" and left:
            place_order(rehearsal.path, ID, left.pop(0), who="ann@box", why="so")

    return on_write


def test_an_order_to_pause_is_kept_and_a_promotion_goes_on(tmp_path: Path) -> None:
    rehearsal = Rehearsal(folder=tmp_path, verdicts={})
    rehearsal.on_write = _ordering(rehearsal, Event.PAUSE)
    assert rehearsal.drive().phase is Phase.PAUSED
    assert rehearsal.actions[-1] == "weight 5"
    record = read_record(rehearsal.path)
    assert record.entries[-1].who == "ann@box"
    assert record.entries[-1].text == "Ordered by ann@box: so"
    rehearsal.on_write = None
    assert rehearsal.drive().phase is Phase.PAUSED  # nobody has said that it goes on
    place_order(rehearsal.path, ID, Event.PROMOTE, who="ann@box")
    assert rehearsal.drive().phase is Phase.PROMOTED
    assert rehearsal.actions[-1] == "weight 100"


def test_a_resumed_stage_is_another_visit_and_held_again(tmp_path: Path) -> None:
    rehearsal = Rehearsal(folder=tmp_path, verdicts={})
    rehearsal.on_write = _ordering(rehearsal, Event.PAUSE)
    rehearsal.drive()
    place_order(rehearsal.path, ID, Event.RESUME, who="ann@box")
    rehearsal.on_write = None
    assert rehearsal.drive().phase is Phase.PROMOTED
    assert rehearsal.actions.count("weight 5") == 2
    assert "hook hook/1/before/0" in rehearsal.actions


def test_an_order_that_cannot_be_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    rehearsal = Rehearsal(folder=tmp_path, verdicts={})
    rehearsal.on_write = _ordering(rehearsal, Event.RESUME)
    assert rehearsal.drive().phase is Phase.PROMOTED
    assert await_answer(rehearsal.path, 1, within_s=0.1).startswith("refused: resume: found")


def test_someone_at_a_terminal_is_waited_for(tmp_path: Path) -> None:
    """The driver stays; an order of another process is taken up within a second."""
    rehearsal = Rehearsal(folder=tmp_path, verdicts={}, attended=True)
    rehearsal.on_write = _ordering(rehearsal, Event.PAUSE)
    states: list[State] = []
    driver = threading.Thread(target=lambda: states.append(rehearsal.drive()))
    driver.start()
    while not (rehearsal.path.exists() and _phase(rehearsal) is Phase.PAUSED):
        time.sleep(0.01)
    number = place_order(rehearsal.path, ID, Event.PROMOTE_FULL, who="ann@box")
    assert await_answer(rehearsal.path, number, within_s=20) == "done: shifting"
    driver.join()
    assert states[0].phase is Phase.PROMOTED


def _phase(rehearsal: Rehearsal) -> Phase | None:
    return read_record(rehearsal.path).state.phase if read_rollouts(rehearsal.path) else None


def test_a_gate_waits_for_a_person(tmp_path: Path) -> None:
    stages = (replace(STAGES[0], gate=True), STAGES[1])
    rehearsal = Rehearsal(folder=tmp_path, verdicts={}, stages=stages)
    assert rehearsal.drive().phase is Phase.WAITING
    assert rehearsal.drive().phase is Phase.WAITING
    place_order(rehearsal.path, ID, Event.PROMOTE, who="ann@box")
    assert rehearsal.drive().phase is Phase.PROMOTED


@pytest.mark.parametrize(
    ("policy", "phase"),
    [
        (RolloutPolicy(on_inconclusive=OnInconclusive.PAUSE), Phase.PAUSED),
        (RolloutPolicy(on_inconclusive=OnInconclusive.PROMOTE), Phase.PROMOTED),
        (RolloutPolicy(on_inconclusive=OnInconclusive.FAIL), Phase.ROLLED_BACK),
        (
            RolloutPolicy(on_inconclusive=OnInconclusive.EXTEND, most_extensions=2),
            Phase.PAUSED,
        ),
    ],
)
def test_a_stage_that_proves_nothing(policy: RolloutPolicy, phase: Phase, tmp_path: Path) -> None:
    verdicts = {"5%": CanaryVerdict.INCONCLUSIVE}
    rehearsal = Rehearsal(folder=tmp_path, verdicts=verdicts, policy=policy)
    assert rehearsal.drive().phase is phase
    held = [each.t_s for each in read_record(rehearsal.path).seconds if each.visit == 0]
    extended = policy.on_inconclusive is OnInconclusive.EXTEND
    assert len(held) == (3 if extended else 1)


class Lost(FileRouter):
    """Does not take a weight."""

    def set(self, weight_percent: float) -> None:
        if weight_percent:
            raise RouterError("the file: gone", lasting=True)
        super().set(weight_percent)


@pytest.mark.parametrize(
    ("fallback", "phase"),
    [(Fallback.PAUSE, Phase.PAUSED), (Fallback.ROLLBACK, Phase.ROLLED_BACK)],
)
def test_a_lost_router_is_named_and_follows_the_policy(
    fallback: Fallback, phase: Phase, tmp_path: Path
) -> None:
    rehearsal = Rehearsal(
        folder=tmp_path,
        verdicts={},
        policy=RolloutPolicy(on_lost=fallback),
        router=Lost(tmp_path),
    )
    assert rehearsal.drive().phase is phase
    texts = [entry.text for entry in read_record(rehearsal.path).states]
    assert "The weight could not be set: the file: gone" in texts


class Leaking(FileRouter):
    """Gives the canary nothing, whatever was set."""

    def verify(self) -> Served:
        self._stable += 1000
        return Served(stable=self._stable, canary=0)


@pytest.mark.parametrize(
    ("reaction", "phase"),
    [(OnFailure.ROLLBACK, Phase.ROLLED_BACK), (OnFailure.PAUSE, Phase.PAUSED)],
)
def test_a_split_that_is_not_proven_fails_the_stage(
    reaction: OnFailure, phase: Phase, tmp_path: Path
) -> None:
    rehearsal = Rehearsal(
        folder=tmp_path,
        verdicts={},
        policy=RolloutPolicy(on_failure=reaction),
        router=Leaking(tmp_path),
        proof=ProofOptions(limit_s=0.1),
    )
    state = rehearsal.drive()
    assert (state.phase, state.failed) == (phase, True)
    place_order(rehearsal.path, ID, Event.PROMOTE, who="ann@box")
    assert rehearsal.drive().phase is phase
    assert "weight 100" not in rehearsal.actions


def test_traffic_is_not_sent_to_a_stable_side_that_is_broken_too(tmp_path: Path) -> None:
    rehearsal = Rehearsal(
        folder=tmp_path,
        verdicts={"5%": CanaryVerdict.FAIL},
        check_stable=lambda: "it answered 503",
    )
    assert rehearsal.drive().phase is Phase.STUCK
    assert rehearsal.actions[-1] == "weight 5"
    assert "undo" not in rehearsal.actions
    rehearsal.check_stable = None
    place_order(rehearsal.path, ID, Event.TAKE_BACK, who="ann@box")
    assert rehearsal.drive().phase is Phase.ROLLED_BACK
    assert rehearsal.actions[-2:] == ["weight 0", "undo"]


@pytest.mark.parametrize("fallback", list(Fallback))
def test_a_lost_disk_leaves_traffic_or_takes_it_back(fallback: Fallback, tmp_path: Path) -> None:
    rehearsal = Rehearsal(
        folder=tmp_path, verdicts={}, policy=RolloutPolicy(on_lost=fallback), disk_lost_at="second"
    )
    with pytest.raises(JournalError, match=r"the journal cannot be written .*readonly"):
        rehearsal.drive()
    assert rehearsal.actions[-1] == ("weight 5" if fallback is Fallback.PAUSE else "weight 0")


@pytest.mark.parametrize(
    ("fallback", "phase"),
    [(Fallback.PAUSE, Phase.PAUSED), (Fallback.ROLLBACK, Phase.ROLLED_BACK)],
)
def test_a_signal_pauses_or_rolls_back(fallback: Fallback, phase: Phase, tmp_path: Path) -> None:
    rehearsal = Rehearsal(folder=tmp_path, verdicts={}, policy=RolloutPolicy(on_signal=fallback))

    def on_write(what: str) -> None:
        if what == "after second":
            os.kill(os.getpid(), signal.SIGTERM)

    rehearsal.on_write = on_write
    assert rehearsal.drive().phase is phase


def test_a_signal_ends_the_wait_at_a_terminal(tmp_path: Path) -> None:
    rehearsal = Rehearsal(folder=tmp_path, verdicts={}, attended=True)
    order = _ordering(rehearsal, Event.PAUSE)

    def on_write(what: str) -> None:
        order(what)
        if what == "after state paused":
            os.kill(os.getpid(), signal.SIGTERM)

    rehearsal.on_write = on_write
    assert rehearsal.drive().phase is Phase.PAUSED


def test_a_signal_does_not_stop_a_rollback(tmp_path: Path) -> None:
    rehearsal = Rehearsal(folder=tmp_path, verdicts={"5%": CanaryVerdict.FAIL})

    def on_write(what: str) -> None:
        if what == "before intent rollback/1/weight":
            os.kill(os.getpid(), signal.SIGTERM)

    rehearsal.on_write = on_write
    assert rehearsal.drive().phase is Phase.ROLLED_BACK
    assert rehearsal.actions[-2:] == ["weight 0", "undo"]
