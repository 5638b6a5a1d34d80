"""A command that must not run twice runs once, whatever happens to who ordered it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from rollout.progressive.receipt import NO_PROGRAM, Receipt

APPEND = "import sys, time; open(sys.argv[1], 'a').write('x'); time.sleep({}); sys.exit({})"


def _command(folder: Path, *, seconds: float = 0, code: int = 0) -> list[str]:
    script = APPEND.format(seconds, code)
    receipt = Receipt(folder / "receipt")
    return [*receipt.wrapper, sys.executable, "-I", "-c", script, str(folder / "log")]


def _runs(folder: Path) -> int:
    log = folder / "log"
    return len(log.read_text()) if log.exists() else 0


def test_it_ends_as_the_command_does_and_runs_once(tmp_path: Path) -> None:
    assert Receipt(tmp_path / "receipt").unclear() == ""
    for _ in range(2):
        assert subprocess.run(_command(tmp_path), check=False).returncode == 0
    assert _runs(tmp_path) == 1
    assert Receipt(tmp_path / "receipt").unclear() == ""


def test_a_command_that_failed_may_be_tried_again(tmp_path: Path) -> None:
    for _ in range(2):
        assert subprocess.run(_command(tmp_path, code=3), check=False).returncode == 3
    assert _runs(tmp_path) == 2
    assert Receipt(tmp_path / "receipt").unclear() == ""


def test_a_second_one_waits_for_the_first(tmp_path: Path) -> None:
    first = subprocess.Popen(_command(tmp_path, seconds=0.3))
    while not _runs(tmp_path):
        time.sleep(0.01)
    assert Receipt(tmp_path / "receipt").unclear() == ""
    assert subprocess.run(_command(tmp_path), check=False).returncode == 0
    assert first.wait() == 0
    assert _runs(tmp_path) == 1


def test_nobody_knows_what_became_of_it(tmp_path: Path) -> None:
    first = subprocess.Popen(_command(tmp_path, seconds=30), start_new_session=True)
    while not _runs(tmp_path):
        time.sleep(0.01)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert "its end is not known" in Receipt(tmp_path / "receipt").unclear()


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    done = subprocess.run(
        [*Receipt(tmp_path / "receipt").wrapper, "no-such-program"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == NO_PROGRAM
    assert done.stderr == ("no-such-program: it could not be started (No such file or directory)\n")
