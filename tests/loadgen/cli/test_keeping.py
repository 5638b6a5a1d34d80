"""The runs before and after this one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from loadgen.cli.keeping import find_baseline, keep, require_program
from loadgen.errors import ConfigError
from loadgen.history import History
from loadgen.plan import Plan
from loadgen.rollback import RollbackOptions
from tests.loadgen import judged, samples


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_kept_run_lies_in_a_folder_for_people_too() -> None:
    measurement = judged.violated()
    keep(measurement, 5)
    folder = History().folder / measurement.run.id
    assert (folder / "report.md").read_text("utf-8").startswith("## 📊 Load Test")
    assert '"verdict": "FAIL"' in (folder / "result.json").read_text("utf-8")


def test_a_run_that_cannot_be_kept_is_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    Path(".loadgen").write_text("in the way", encoding="utf-8")
    keep(samples.measurement(requests=100), 5)
    said = capsys.readouterr().err
    assert said.startswith("loadgen: warning: the run is not kept in .loadgen/runs (")
    assert said.count("\n") == 1


def test_a_baseline_that_is_not_there() -> None:
    assert find_baseline("", Plan()) is None
    assert find_baseline("last", Plan()) is None
    with pytest.raises(ConfigError) as caught:
        find_baseline("nightly", Plan())
    assert caught.value.problems[0].startswith("--baseline: run 'nightly': found no such file")


def test_a_program_is_looked_for_only_when_it_may_be_run() -> None:
    require_program(None)
    require_program(RollbackOptions(command=("program-of-nobody",)))
    require_program(RollbackOptions(command=(sys.executable,), auto=True))
    with pytest.raises(ConfigError, match="rollback command: found 'program-of-nobody'"):
        require_program(RollbackOptions(command=("program-of-nobody",), auto=True))
