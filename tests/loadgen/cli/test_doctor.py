"""`loadgen doctor` as a program."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys

from tests.pace import SLOWER

COMMAND = (sys.executable, "-m", "loadgen", "doctor")


def _run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *options], capture_output=True, text=True, timeout=60, check=False
    )


def test_shows_every_check() -> None:
    """The code depends on how busy this machine is, so it is read from the table."""
    ended = _run("--no-calibrate")
    for what in ("Open files", "Local ports", "CPU quota", "Clock source", "Interruptions"):
        assert what in ended.stdout
    assert ended.returncode == (3 if "FAIL" in ended.stdout else 0)
    assert ended.stderr == ""


def test_too_many_connections_for_this_box_are_code_3() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    ended = _run("--no-calibrate", "--concurrency", "1M")
    assert hard == resource.RLIM_INFINITY or hard >= 2**20 or ended.returncode == 3
    assert "FAIL  Local ports" in ended.stdout


def test_a_wrong_number_is_one_line_and_code_2() -> None:
    ended = _run("--concurrency", "0")
    assert ended.returncode == 2
    assert ended.stderr.startswith("loadgen: --concurrency: found '0', expected")
    assert ended.stderr.count("\n") == 1


def test_ctrl_c_ends_the_calibration_at_once() -> None:
    """The engine would take it for the wish to end one trial, and the next would begin."""
    with subprocess.Popen(
        COMMAND,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        while "requests/s" not in process.stdout.readline():
            pass
        process.send_signal(signal.SIGINT)
        assert process.wait(20 * SLOWER) == 130
        # typer is silent when it sees the signal itself, between two trials.
        assert process.stderr.read() in {"", "loadgen: interrupted\n"}
        assert process.stdout.read().count("requests/s") <= 1
