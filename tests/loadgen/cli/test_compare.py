"""`loadgen compare` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loadgen.cli import main
from tests.loadgen.cli import kept


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_two_runs_on_the_terminal_and_in_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept.keep_two_runs()
    files = ("--output", "c.md", "--json", "c.json", "--margin", "10%")
    assert main(["compare", kept.USUAL, kept.SLOWER, *files]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{kept.SLOWER}  The run is worse than its baseline")
    assert "margin 10 %" in " ".join(said.split())
    assert (tmp_path / "c.md").read_text("utf-8").startswith("## 📊 Load Test Comparison")
    read = json.loads((tmp_path / "c.json").read_text("utf-8"))
    assert read["comparisons"][0]["margin_percent"] == 10


def test_standard_output_is_left_to_what_is_written_there(
    capsys: pytest.CaptureFixture[str],
) -> None:
    kept.keep_two_runs()
    assert main(["compare", kept.USUAL, kept.SLOWER, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["schema"] == "loadgen.comparison/1"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a"], "loadgen: compare: found one run, expected a baseline and one run or more\n"),
        (["a", "b", "--margin", "no"], "loadgen: --margin: found 'no', expected a number from"),
        (["a", "b", "--output", "gone/c.md"], "loadgen: --output: found 'gone/c.md', which"),
        (["last", "last"], "loadgen: run 'last': found no run in .loadgen/runs yet"),
    ],
)
def test_what_is_wrong(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *arguments]) == 2
    assert capsys.readouterr().err.startswith(said)
