"""`loadgen rollout`: the guide's commands with short durations, and orders from elsewhere."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import psutil
import pytest

from loadgen.cli import main
from loadgen.target.launch import running_target
from rollout.progressive.history import read_record, read_rollouts
from tests.rollout.progressive.splitting import config, splitting
from tests.rollout.progressive.test_result import SCHEMA

BASIC = "python3 progressive_rollout.py --deployment backend-v2"
LOADED = """python3 progressive_rollout.py \\
  --deployment backend-v2 \\
  --namespace production \\
  --load-test \\
  --auto-rollback-on-loadfail
"""
CUSTOM = """python3 progressive_rollout.py \\
  --deployment backend-v2 \\
  --stages '[
    {"name": "1% Traffic", "percentage": 1, "duration": 180},
    {"name": "10% Traffic", "percentage": 10, "duration": 300},
    {"name": "50% Traffic", "percentage": 50, "duration": 600},
    {"name": "100% Traffic", "percentage": 100, "duration": 300}
  ]'
"""
"""The guide's commands as they stand there."""
SHORT = [{"percentage": 20, "duration": "0.2"}, {"percentage": 100, "duration": "0.2"}]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    with splitting(tmp_path) as url:
        (tmp_path / "url").write_text(url)
        yield tmp_path


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())


def _configure(folder: Path, **more: object) -> None:
    document = json.loads(config(folder, (folder / "url").read_text()))
    thresholds = more.pop("thresholds", None)
    rollback = more.pop("rollback", None)
    document["rollout"] |= more
    if thresholds:
        document["thresholds"] = thresholds
    if rollback:
        document["rollback"] = rollback
    (folder / "loadgen.yml").write_text(json.dumps(document))


def _typed(command: str) -> list[str]:
    """The guide's command as it is typed here, its stages made short."""
    shortened = re.sub(r'"duration": \d+', '"duration": 0.1', command)
    words = shlex.split(shortened.replace("\\\n", " "))
    assert words[:2] == ["python3", "progressive_rollout.py"]
    return ["rollout", *words[2:]]


def _actions(folder: Path) -> list[str]:
    log = folder / "actions"
    return log.read_text().splitlines() if log.exists() else []


def test_the_guides_basic_rollout(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _configure(folder, stages=SHORT)
    assert main(_typed(BASIC)) == 0
    assert _actions(folder) == ["weight 20", "weight 100"]
    said = capsys.readouterr().out
    assert "promoted, PASS" in said
    assert main(["rollout", "status", "--deployment", "backend-v2"]) == 0
    assert "promoted" in capsys.readouterr().out


def test_the_guides_rollout_with_load_tests(folder: Path) -> None:
    with running_target() as canary:
        _configure(
            folder,
            stages=[{"percentage": 100, "duration": "1.5"}],
            canary_url=canary,
            load_concurrency=2,
            thresholds={"error_rate": 1},
        )
        assert main([*_typed(LOADED), "--json", "result.json"]) == 0
    result = json.loads((folder / "result.json").read_text())
    jsonschema.validate(result, SCHEMA)
    (stage,) = result["stages"]
    opinions = {each["judge"]: each for each in stage["opinions"]}
    assert opinions["load test"]["verdict"] == "PASS"
    assert opinions["load test"]["evidence"]["sent"] > 10


def test_a_load_test_that_fails_rolls_back(folder: Path) -> None:
    with running_target(error_rate="50%") as canary:
        _configure(
            folder,
            stages=[{"percentage": 20, "duration": "1.5"}, {"percentage": 100, "duration": "1"}],
            canary_url=canary,
            load_concurrency=2,
            thresholds={"error_rate": 1},
            rollback={"command": ["sh", "-c", f"echo undo {{deployment}} >> {folder}/actions"]},
        )
        assert main([*_typed(LOADED), "--output", "report.md", "--html", "report.html"]) == 1
    assert _actions(folder) == ["weight 20", "weight 0", "undo backend-v2"]
    report = (folder / "report.md").read_text()
    assert "**Status:** ❌ FAILED (rolled back)" in report
    assert "**Rolled Back:** Yes" in report
    assert "backend-v2" in (folder / "report.html").read_text()


def test_the_guides_custom_stages(folder: Path) -> None:
    _configure(folder)
    assert main(_typed(CUSTOM)) == 0
    assert _actions(folder) == ["weight 1", "weight 10", "weight 50", "weight 100"]


def test_a_dry_run_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _configure(folder, stages=SHORT)
    assert main([*_typed(BASIC), "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "undone by: " in said
    assert "measure that the canary has 20 %" in said
    assert _actions(folder) == []
    assert not (folder / ".loadgen").exists()


def test_a_drill_moves_one_percent_there_and_back(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _configure(folder, stages=SHORT, rollback={"command": ["false"]})
    assert main([*_typed(BASIC), "--drill"]) == 0
    assert _actions(folder) == ["weight 1", "weight 0"]
    said = capsys.readouterr().out
    assert re.search(r"Safe after \d+\.\d\d s, measured", said)
    assert said.endswith("The drill succeeded: rolled back as rehearsed\n")


def test_how_to_go_on_names_the_journal_that_was_given(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _configure(folder, stages=[{"percentage": 20, "duration": 0.1, "gate": True}, *SHORT[1:]])
    assert main([*_typed(BASIC), "--journal", "own.sqlite"]) == 3
    said = capsys.readouterr().out
    order = "rollout promote --deployment backend-v2 --journal own.sqlite"
    assert f"Go on: loadgen {order}; or abort\n" in said
    assert main(order.split()) == 0


def test_orders_from_another_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _configure(folder, stages=[{"percentage": 20, "duration": 60}, *SHORT[1:]])
    with _driving(folder) as driver:
        _until(folder, "holding")
        assert main(["rollout", "--deployment", "backend-v2"]) == 4
        assert f"held by process {driver.pid}" in capsys.readouterr().err
        assert main(["rollout", "resume"]) == 4
        assert main(["rollout", "promote", "--why", "it is well"]) == 0
        assert driver.wait(20) == 0
        assert driver.stdout is not None
        assert "it is well" in driver.stdout.read()
    assert main(["rollout", "rollback"]) == 1
    assert _actions(folder) == ["weight 20", "weight 100", "weight 0"]


def test_sigterm_pauses_and_resume_goes_on(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _configure(folder, stages=[{"percentage": 20, "duration": "60"}, *SHORT[1:]])
    with _driving(folder) as driver:
        _until(folder, "holding")
        driver.send_signal(signal.SIGTERM)
        assert driver.wait(20) == 3
    assert main(_typed(BASIC)) == 2
    assert "which is paused and has not ended" in capsys.readouterr().err
    assert main(["rollout", "abort", "--json", "result.json"]) == 1
    result = json.loads((folder / "result.json").read_text())
    assert result["phase"] == "rolled back"
    assert result["rollback"]["succeeded"]
    capsys.readouterr()
    assert main([*_typed(BASIC), "--drill"]) == 0
    capsys.readouterr()
    assert main(["rollout", "history"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.split()[0] == result["rollout"]["id"] < second.split()[0]
    assert main(["rollout", "history", result["rollout"]["id"]]) == 0
    assert "asked to end by a signal [signal]" in capsys.readouterr().out


def test_load_dies_with_the_process_that_ordered_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_target() as canary:
        _configure(
            folder,
            stages=[{"percentage": 20, "duration": "60"}, *SHORT[1:]],
            canary_url=canary,
            load_test=True,
            load_concurrency=2,
            thresholds={"error_rate": 1},
        )
        with _driving(folder) as driver:
            _until(folder, "holding")
            workers = _workers(driver.pid)
            while not workers:
                workers = _workers(driver.pid)
            assert main(["rollout", "status"]) == 0
            assert f"Driven by process {driver.pid}" in capsys.readouterr().out
            driver.kill()
            _, left = psutil.wait_procs(workers, timeout=20)
            assert left == []
        assert main(["rollout", "status"]) == 0
        assert "Nobody drives it" in capsys.readouterr().out
        assert main(["rollout", "abort"]) == 1
    assert _actions(folder) == ["weight 20", "weight 0"]


TYPED = '--rollback-command=sh -c "echo undo {deployment} >> actions"'


@pytest.mark.parametrize("order", ["resume", "abort"])
def test_after_kill_9_what_was_typed_holds_without_any_config_file(
    order: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of what decided the rollout is at hand any more but its journal."""
    with running_target(error_rate="50%") as canary:
        _configure(
            folder,
            stages=[{"percentage": 20, "duration": "1.5"}, *SHORT[1:]],
            canary_url=canary,
            load_concurrency=2,
            auto_rollback_on_loadfail=True,
            url="${FRONT}",
        )
        monkeypatch.setenv("FRONT", (folder / "url").read_text())
        typed = ["--load-test", "--objective", "error_rate < 1%", TYPED]
        with _driving(folder, *typed) as driver:
            _until(folder, "holding")
            driver.kill()
        journal = (folder / ".loadgen/rollouts/backend-v2.sqlite").absolute()
        (folder / "loadgen.yml").unlink()
        elsewhere = folder / "elsewhere"
        elsewhere.mkdir()
        monkeypatch.chdir(elsewhere)
        assert main(["rollout", order, "--journal", str(journal)]) == 1
    record = read_record(journal)
    assert record.state.phase == "rolled back"
    assert (elsewhere / "actions").read_text() == "undo backend-v2\n"
    if order == "resume":  # judged by the objective that was typed, before it was killed
        assert any("load test" in entry.text for entry in record.states)


def test_a_config_file_that_has_changed_is_told_and_not_used(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _configure(folder, stages=[{"percentage": 20, "duration": "60"}, *SHORT[1:]])
    undo = ["sh", "-c", "echo undo >> actions"]
    with _driving(folder) as driver:
        _until(folder, "holding")
        driver.kill()
    _configure(folder, stages=SHORT, rollback={"command": undo})
    assert main(["rollout", "abort"]) == 1
    assert "it is not what it was when the rollout was begun" in capfd.readouterr().err
    assert _actions(folder) == ["weight 20", "weight 0"]


def test_a_variable_that_only_a_load_test_needs_does_not_block_the_way_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    _configure(folder, stages=[{"percentage": 20, "duration": "60"}, *SHORT[1:]])
    document = json.loads((folder / "loadgen.yml").read_text())
    document["load_test"] = {"auth": "bearer:${SHOP_TOKEN}"}
    (folder / "loadgen.yml").write_text(json.dumps(document))
    monkeypatch.setenv("SHOP_TOKEN", "hunter2")
    with _driving(folder) as driver:
        _until(folder, "holding")
        driver.kill()
    assert b"hunter2" not in (folder / ".loadgen/rollouts/backend-v2.sqlite").read_bytes()
    monkeypatch.delenv("SHOP_TOKEN")
    assert main(["rollout", "resume", "--deployment", "backend-v2"]) == 2
    assert "the variable SHOP_TOKEN is not set" in capfd.readouterr().err
    assert main(["rollout", "abort", "--deployment", "backend-v2"]) == 1
    assert _actions(folder) == ["weight 20", "weight 0"]


def _workers(pid: int) -> list[psutil.Process]:
    found = []
    for each in psutil.Process(pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if "loadgen.worker" in each.cmdline():
                found.append(each)
    return found


@contextlib.contextmanager
def _driving(folder: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    """A rollout in a process of its own, ended with the test."""
    with subprocess.Popen(
        [sys.executable, "-m", "loadgen", *_typed(BASIC), *more],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as driver:
        try:
            yield driver
        finally:
            driver.kill()


def _until(folder: Path, phase: str) -> None:
    """Waits until the rollout is in a phase."""
    journal = folder / ".loadgen/rollouts/backend-v2.sqlite"
    deadline_s = time.monotonic() + 20
    while not (journal.exists() and read_rollouts(journal) and _phase(journal) == phase):
        assert time.monotonic() < deadline_s, f"it never was {phase}"
        time.sleep(0.05)


def _phase(journal: Path) -> str:
    return read_record(journal).state.phase


@pytest.mark.parametrize("look", ["status", "history"])
def test_looking_takes_no_option_that_it_would_ignore(
    look: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rollout", look, "--json", str(folder / "result.json")]) == 2
    assert "No such option: --json" in capsys.readouterr().err


def test_where_nothing_was_begun_there_is_nothing_to_look_at(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rollout", "status", "--no-config"]) == 2
    assert "no rollout was begun in this folder" in capsys.readouterr().err
