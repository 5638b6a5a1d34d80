"""`loadgen report` as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadgen.cli import main
from tests.loadgen.cli import kept


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_last_run_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    kept.keep_two_runs()
    assert main(["report"]) == 0
    assert capsys.readouterr().out.strip().startswith("PASSED  http://localhost:8000")


def test_a_named_run_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    kept.keep_two_runs()
    assert main(["report", kept.USUAL, "--markdown", "-"]) == 0
    assert f"| Run | `{kept.USUAL}` |" in capsys.readouterr().out


def test_there_is_none_yet(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report"]) == 2
    assert capsys.readouterr().err == (
        "loadgen: run 'last': found no run in .loadgen/runs yet, expected one\n"
    )
