"""Reading a journal."""

from __future__ import annotations

from pathlib import Path

import pytest

from rollout.progressive.database import JournalError, open_database
from rollout.progressive.history import read_record, read_rollouts
from rollout.progressive.machine import Phase
from tests.rollout.progressive.rehearsal import Rehearsal


def test_nothing_was_begun(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    open_database(path).close()
    assert read_rollouts(path) == []
    with pytest.raises(JournalError, match="found no rollout, expected one that was begun here"):
        read_record(path)


def test_a_rollout_is_found_by_its_id_or_as_the_newest(tmp_path: Path) -> None:
    rehearsal = Rehearsal(folder=tmp_path, verdicts={})
    rehearsal.drive()
    (rollout,) = read_rollouts(rehearsal.path)
    assert read_record(rehearsal.path, rollout.id) == read_record(rehearsal.path)
    assert read_record(rehearsal.path).state.phase is Phase.PROMOTED
    with pytest.raises(JournalError, match="found no rollout 7"):
        read_record(rehearsal.path, "7")
