"""Where a rollout stands, in lines."""

from __future__ import annotations

from pathlib import Path

from rollout.progressive.history import read_record
from rollout.progressive.lock import Owner
from rollout.report.rollout_status import history_lines, status_lines
from slo.canary import CanaryVerdict
from tests.rollout.progressive.rehearsal import Rehearsal


def test_status_and_history(tmp_path: Path) -> None:
    rehearsal = Rehearsal(folder=tmp_path, verdicts={"5%": CanaryVerdict.FAIL})
    rehearsal.drive()
    record = read_record(rehearsal.path)
    first, who, where, since = status_lines(record)
    assert first.startswith("Rollout 20260101T000000Z-000001 of shop, begun 2026-01-01")
    assert who == "By a test"
    assert where == "[....................]   0 % rolled back, stage 1, failed"
    assert "All traffic is back" in since
    (*_, driven) = status_lines(record, Owner(pid=7, started_ticks=0, boot_id="", who="ann@box"))
    assert driven == "Driven by process 7 of ann@box"
    lines = list(history_lines(record))
    assert len(lines) == len(record.entries)
    assert any(" ... " in line and "weight/0: " in line for line in lines)
    assert any(" ok " in line and "rollback/1/command: " in line for line in lines)
