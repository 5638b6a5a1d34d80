"""The rollback of traffic: its order, what stops it, what it says, what it does twice."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from loadgen.rollback import RollbackOptions
from rollout.proof import ProofOptions
from rollout.rollback import RollbackNote, RollbackPlan, RollbackStep, restore_stable
from rollout.routers.router import RouterError, UnderWayError
from tests.rollout.memory_router import MemoryRouter

PROOF = ProofOptions(limit_s=0.1)
BACK = [(0, 0), (400, 0)]
"""No traffic before the proof, then enough of it at the stable version."""


def _undo(file: Path) -> RollbackOptions:
    """A command that appends its argument to a file."""
    code = "import sys; open(sys.argv[1], 'a').write(sys.argv[2])"
    command = (sys.executable, "-c", code, str(file), "{deployment}")
    return RollbackOptions(command=command, deployment="shop", retries=0)


def test_the_steps_are_told_before_and_after(tmp_path: Path) -> None:
    router, notes = MemoryRouter(BACK), list[RollbackNote]()
    plan = RollbackPlan(
        router=router, proof=PROOF, check_stable=lambda: "", command=_undo(tmp_path / "undone")
    )
    outcome = restore_stable(plan, on_step=notes.append)
    assert outcome.succeeded
    assert [(note.step, note.succeeded) for note in notes] == [
        (step, succeeded) for step in RollbackStep for succeeded in (None, True)
    ]
    assert [note.seconds for note in notes] == sorted(note.seconds for note in notes)
    assert (tmp_path / "undone").read_text() == "shop"
    assert router.weight_percent == 0
    assert outcome.seconds_to_safe is not None
    assert notes[5].seconds <= outcome.seconds_to_safe <= notes[6].seconds


def test_all_traffic_is_never_sent_to_a_side_that_fails_its_own_check(tmp_path: Path) -> None:
    router, notes = MemoryRouter(BACK), list[RollbackNote]()
    plan = RollbackPlan(
        router=router,
        proof=PROOF,
        check_stable=lambda: "5 of 5 requests failed, the last by status 503",
        command=_undo(tmp_path / "undone"),
    )
    outcome = restore_stable(plan, on_step=notes.append)
    assert not outcome.succeeded
    assert outcome.text == (
        "No traffic was moved, and a person is needed: the stable version fails its own check, "
        "too (5 of 5 requests failed, the last by status 503)"
    )
    assert (router.log, router.weight_percent) == ([], 50)
    assert not (tmp_path / "undone").exists()
    assert [note.step for note in notes] == [RollbackStep.CHECK] * 2


def test_a_router_that_is_away_for_a_moment_is_tried_again() -> None:
    router = MemoryRouter(BACK, problems=[RouterError("away")])
    outcome = restore_stable(RollbackPlan(router=router, proof=PROOF))
    assert outcome.succeeded
    assert router.log == ["set 0", "set 0"]


def test_a_change_that_takes_its_time_is_waited_for() -> None:
    """Pods that start and end, for example: more often than a failure is tried again."""
    router = MemoryRouter(BACK, problems=[UnderWayError("3 of 4 pods are ready")] * 8)
    assert restore_stable(RollbackPlan(router=router, proof=PROOF)).succeeded
    assert router.log == ["set 0"] * 9


def test_a_router_that_stays_away_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rollout.rollback.BACKOFF_S", 0.001)
    router = MemoryRouter(BACK, problems=[RouterError("away")] * 9)
    outcome = restore_stable(RollbackPlan(router=router, proof=PROOF))
    assert not outcome.succeeded
    assert outcome.text.startswith("The canary's weight could not be set, and a person is needed")
    assert router.log == ["set 0"] * 5


def test_what_cannot_be_measured_at_all_is_not_safe() -> None:
    notes = list[RollbackNote]()
    router = MemoryRouter(looks=None)
    outcome = restore_stable(RollbackPlan(router=router, proof=PROOF), on_step=notes.append)
    assert not outcome.succeeded
    assert router.weight_percent == 0
    assert notes[-1].text.startswith("the router in memory counts no requests")
    assert "a person is needed: the router in memory counts no requests" in outcome.text


def test_the_command_runs_also_when_the_router_is_lost(tmp_path: Path) -> None:
    router = MemoryRouter(BACK, problems=[RouterError("no such backend: app", lasting=True)])
    plan = RollbackPlan(router=router, proof=PROOF, command=_undo(tmp_path / "undone"))
    outcome = restore_stable(plan)
    assert not outcome.succeeded
    assert outcome.seconds_to_safe is None
    assert outcome.command is not None
    assert outcome.command.succeeded
    assert "a person is needed: no such backend: app" in outcome.text


def test_what_is_not_measured_is_not_safe() -> None:
    outcome = restore_stable(RollbackPlan(router=MemoryRouter(), proof=PROOF))
    assert not outcome.succeeded
    assert outcome.seconds_to_safe is None
    assert "was not proven" in outcome.text


def test_a_command_that_was_run_before_is_not_run_twice(tmp_path: Path) -> None:
    plan = RollbackPlan(router=MemoryRouter(BACK), proof=PROOF, command=_undo(tmp_path / "undone"))
    outcome = restore_stable(plan, done={RollbackStep.COMMAND})
    assert outcome.succeeded
    assert not (tmp_path / "undone").exists()


def test_a_command_that_fails_makes_the_rollback_fail() -> None:
    failing = RollbackOptions(command=(sys.executable, "-c", "raise SystemExit(3)"), retries=0)
    plan = RollbackPlan(router=MemoryRouter(BACK), proof=PROOF, command=failing)
    outcome = restore_stable(plan)
    assert not outcome.succeeded
    assert outcome.seconds_to_safe is not None
    assert "it ended with code 3" in outcome.text


@pytest.mark.parametrize("runs", [2])
def test_a_rollback_may_be_repeated(runs: int) -> None:
    router = MemoryRouter(BACK * runs)
    plan = RollbackPlan(router=router, proof=PROOF)
    assert [restore_stable(plan).succeeded for _ in range(runs)] == [True] * runs
    assert router.weight_percent == 0


def test_without_a_command_it_is_said_that_only_weights_were_restored() -> None:
    outcome = restore_stable(RollbackPlan(router=MemoryRouter(BACK), proof=PROOF))
    assert outcome.text.endswith(". Only weights were restored: no rollback.command")


def test_a_change_that_takes_its_time_is_gone_on_with() -> None:
    """More often than a router is tried that fails."""
    router = MemoryRouter(BACK, problems=[UnderWayError("1 of 4 pods are ready")] * 20)
    assert restore_stable(RollbackPlan(router=router, proof=PROOF)).succeeded
    assert len(router.log) == 21
