"""The table "from the guide to loadgen": its commands are commands of this program.

Each is typed as it stands there, with a report that cannot be written: everything else must
be right, and nothing is sent.
"""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from loadgen.cli import main

ROOT = Path(__file__).resolve().parents[3]
TABLE = (ROOT / "docs/from-the-guide.md").read_text("utf-8")
ROWS = [row for row in TABLE.splitlines() if row.startswith("| `")]
COMMANDS = sorted(
    {
        command
        for row in ROWS
        if "now" in row.rpartition("| ")[2]
        for command in re.findall(r"`((?:[A-Z_]+=\w+ )?loadgen (?:run|smoke|canary) [^`]+)`", row)
    }
)
GUIDE_OPTIONS = {
    *("--target", "--concurrency", "--duration", "--pattern", "--config", "--output"),
    *("--canary-url", "--production-url", "--load-test", "--auto-rollback-on-loadfail"),
    *("--load-concurrency", "--load-duration", "--deployment", "--namespace", "--stages"),
}


def test_every_option_of_the_guide_has_a_row() -> None:
    guide_s_side = " ".join(row.split(" | ")[0] for row in ROWS)
    assert set(re.findall(r"--[a-z-]+", guide_s_side)) == GUIDE_OPTIONS


def test_there_is_something_to_try() -> None:
    assert len(COMMANDS) >= 10


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_table(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deploy").mkdir()
    guide = ROOT / "tests/fixtures/guide/performance-configuration.yml"
    shutil.copy(guide, tmp_path / "deploy/performance_config.yml")
    words = shlex.split(command)
    while "=" in words[0]:
        monkeypatch.setenv(*words.pop(0).split("=", 1))
    code = main([*words[1:], "--output", "gone/report.md"])
    errors = capsys.readouterr().err.splitlines()
    assert code == 2
    assert len(errors) == 1
    assert errors[0].startswith("loadgen: --output: found 'gone/report.md'")
