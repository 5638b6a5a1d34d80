"""A journal added up: what each stage came to, and how the process ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadgen.exitcode import ExitCode
from rollout.progressive.account import account_of, exit_code
from rollout.progressive.history import read_record
from rollout.progressive.machine import Phase, State
from slo.canary import CanaryVerdict
from tests.rollout.progressive.rehearsal import STAGES, Rehearsal


def test_a_failed_rollout_tells_why_and_how_soon_it_was_safe(tmp_path: Path) -> None:
    rehearsal = Rehearsal(folder=tmp_path, verdicts={"100%": CanaryVerdict.FAIL})
    rehearsal.drive()
    account = account_of(read_record(rehearsal.path), STAGES)
    first, last = account.stages
    assert (first.verdict, last.verdict) == (CanaryVerdict.PASS, CanaryVerdict.FAIL)
    assert last.text == "script: as it was told"
    assert "5 % wanted" in first.proof
    assert first.ended_at == last.began_at
    assert [each["judge"] for each in last.opinions] == ["split", "script"]
    assert account.rollback.succeeded
    assert account.rollback.seconds_to_safe is not None
    assert 0 < account.rollback.seconds_to_safe < 20
    assert account.reason.startswith("All traffic is back at the stable version")


def test_a_stage_that_was_not_reached_is_told_as_it_was_planned(tmp_path: Path) -> None:
    rehearsal = Rehearsal(folder=tmp_path, verdicts={"5%": CanaryVerdict.FAIL})
    rehearsal.drive()
    _, last = account_of(read_record(rehearsal.path), STAGES).stages
    assert (last.name, last.percentage, last.verdict, last.began_at) == ("100%", 100, None, "")


@pytest.mark.parametrize(
    ("phase", "drill", "code"),
    [
        (Phase.PROMOTED, False, ExitCode.PASS),
        (Phase.ROLLED_BACK, False, ExitCode.FAIL),
        (Phase.ROLLED_BACK, True, ExitCode.PASS),
        (Phase.STUCK, True, ExitCode.ROLLBACK_FAILED),
        (Phase.PAUSED, False, ExitCode.INCONCLUSIVE),
        (Phase.WAITING, False, ExitCode.INCONCLUSIVE),
    ],
)
def test_how_the_process_ends(phase: Phase, drill: bool, code: ExitCode) -> None:
    state = State(phase=phase, stage=0, visit=0, weight_percent=0)
    assert exit_code(state, drill=drill) is code
