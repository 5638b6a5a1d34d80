"""A whole rollout: what is done in which order, and where it ends."""

from __future__ import annotations

from pathlib import Path

from rollout.progressive.history import read_record
from rollout.progressive.machine import Phase
from slo.canary import CanaryVerdict
from tests.rollout.progressive.rehearsal import Rehearsal


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
