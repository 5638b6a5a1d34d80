"""A rollout in Markdown."""

from __future__ import annotations

from pathlib import Path

from rollout.progressive.account import Account, account_of
from rollout.progressive.history import read_record
from rollout.report.rollout_markdown import render, section
from slo.canary import CanaryVerdict
from tests.rollout.progressive.rehearsal import STAGES, Rehearsal


def _account(folder: Path, verdicts: dict[str, CanaryVerdict]) -> Account:
    rehearsal = Rehearsal(folder=folder, verdicts=verdicts)
    rehearsal.drive()
    return account_of(read_record(rehearsal.path), STAGES)


def test_the_deployment_reports_section(tmp_path: Path) -> None:
    text = section(_account(tmp_path, {}))
    assert text.startswith(
        "## 🚀 Progressive Rollout Results\n\n**Timestamp:** 2026-01-01 00:00:00"
    )
    assert "**Status:** ✅ PASSED (promoted)" in text
    assert "**Rolled Back:** No" in text
    assert "| 5% " in text
    assert "### Rollback" not in text
    assert text.endswith("|\n")


def test_a_failed_rollout_tells_evidence_rollback_and_who(tmp_path: Path) -> None:
    text = render(_account(tmp_path, {"100%": CanaryVerdict.FAIL}))
    assert "**Status:** ❌ FAILED (rolled back)" in text
    assert "All traffic is back at the stable version, measured after" in text
    assert "- **100%**, script: FAIL, as it was told" in text
    assert "| a test" in text
