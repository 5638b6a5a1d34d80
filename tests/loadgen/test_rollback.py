"""The rollback command: checked, run by real processes, timed out, tried again, left in peace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from loadgen.consequence import RollbackOutcome
from loadgen.rollback import (
    RollbackOptions,
    command_problems,
    missing_program,
    roll_back,
)


@pytest.mark.parametrize(
    ("options", "problems"),
    [
        (RollbackOptions(command=("undo", "{run_id}")), []),
        (RollbackOptions(command=("undo", "{deployment}"), deployment="shop"), []),
        (
            RollbackOptions(command=("undo", "{deployment}")),
            ["found {deployment} and nothing that it stands for, expected --deployment"],
        ),
        (
            RollbackOptions(command=("undo", "{pod}", "{namespace}"), namespace="prod"),
            [
                "found the placeholder {pod}, expected one of {deployment}, {namespace}, "
                "{run_id}, {violations}"
            ],
        ),
        (
            RollbackOptions(command=()),
            ["found no program, expected for example kubectl rollout undo deployment/NAME"],
        ),
    ],
)
def test_what_keeps_a_command_from_being_filled_in(
    options: RollbackOptions, problems: list[str]
) -> None:
    assert command_problems(options) == problems


def test_a_program_that_is_not_there_is_found_out_before() -> None:
    assert missing_program((sys.executable,)) == ""
    assert missing_program(("kubctl-of-nobody", "x")).startswith("found 'kubctl-of-nobody', which")


def _roll_back(
    code: str, *arguments: str, retries: int = 0, timeout_s: float = 20.0
) -> RollbackOutcome:
    options = RollbackOptions(
        command=(sys.executable, "-c", code, *arguments),
        retries=retries,
        timeout_s=timeout_s,
        backoff_s=0.0,
        deployment="shop",
    )
    return roll_back(options, run_id="R", violations=("a", "b"))


def test_a_command_that_succeeds() -> None:
    outcome = _roll_back("import sys; print(*sys.argv[1:])", "{deployment}", "{violations}")
    assert outcome.ordered
    assert outcome.succeeded
    assert outcome.attempts == 1
    assert outcome.output == ("shop a; b",)
    assert outcome.text.startswith(f"Rolled back by {sys.executable} in ")


def test_a_command_that_fails_is_run_again_and_its_last_words_are_kept() -> None:
    outcome = _roll_back("print(*range(30), sep='\\n'); raise SystemExit(7)", retries=2)
    assert not outcome.succeeded
    assert outcome.attempts == 3
    assert outcome.output == tuple(str(number) for number in range(10, 30))
    assert outcome.text == (
        "The rollback did not succeed, and a person is needed: "
        f"{sys.executable} was run 3 times, and it ended with code 7"
    )


def test_a_second_attempt_may_succeed(tmp_path: Path) -> None:
    mark = tmp_path / "been-here"
    code = (
        "import pathlib, sys; mark = pathlib.Path(sys.argv[1]); seen = mark.exists(); "
        "mark.touch(); sys.exit(not seen)"
    )
    outcome = _roll_back(code, str(mark), retries=5)
    assert (outcome.succeeded, outcome.attempts) == (True, 2)
    assert outcome.text.endswith(" at attempt 2")


def test_a_command_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    """The child of the command keeps its output open; neither may outlive the timeout."""
    pid_file = tmp_path / "pid"
    code = (
        "import pathlib, subprocess, sys; child = subprocess.Popen(['sleep', '60']); "
        "pathlib.Path(sys.argv[1]).write_text(str(child.pid)); print('hanging', flush=True); "
        "child.wait()"
    )
    outcome = _roll_back(code, str(pid_file), timeout_s=1.5)
    assert not outcome.succeeded
    assert outcome.text.endswith("it did not end within 1.5 s")
    assert outcome.output == ("hanging",)
    assert 1.5 <= outcome.seconds < 10
    deadline_s = time.monotonic() + 5
    while _is_running(int(pid_file.read_text("utf-8"))):
        assert time.monotonic() < deadline_s


def _is_running(pid: int) -> bool:
    """True for a process that is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_command_that_ignores_being_asked_is_killed() -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"
    outcome = _roll_back(code, timeout_s=0.5)
    assert not outcome.succeeded
    assert outcome.seconds < 15


def test_a_command_that_leaves_a_process_behind_is_not_waited_for() -> None:
    code = (
        "import subprocess; subprocess.Popen(['sleep', '8'], start_new_session=True); print('left')"
    )
    outcome = _roll_back(code)
    assert outcome.succeeded
    assert outcome.output == ("left",)
    assert outcome.seconds < 7


def test_a_program_that_cannot_be_started_is_a_failure() -> None:
    options = RollbackOptions(command=("/dev/null",), retries=1, backoff_s=0.0)
    outcome = roll_back(options, run_id="R", violations=())
    assert (outcome.succeeded, outcome.attempts) == (False, 2)
    assert outcome.text.endswith("it could not be started (Permission denied)")


def test_a_signal_that_asks_us_to_stop_does_not_stop_the_command(tmp_path: Path) -> None:
    """As with Ctrl-C: SIGINT reaches the whole group of this process while the command runs."""
    ours = tmp_path / "ours.py"
    begun, go = tmp_path / "begun", tmp_path / "go"
    command = (
        "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch()\n"
        "while not pathlib.Path(sys.argv[2]).exists(): time.sleep(0.01)\n"
        "print('whole')"
    )
    ours.write_text(
        "import sys\n"
        "from loadgen.rollback import RollbackOptions, roll_back\n"
        f"command = (sys.executable, '-c', {command!r}, {str(begun)!r}, {str(go)!r})\n"
        "outcome = roll_back(RollbackOptions(command=command), run_id='R', violations=())\n"
        "print(outcome.succeeded, outcome.attempts, outcome.output)\n",
        encoding="utf-8",
    )
    root = str(Path(__file__).resolve().parents[2])
    with subprocess.Popen(
        [sys.executable, str(ours)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": root},
    ) as process:
        while not begun.exists():
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)
        os.killpg(process.pid, signal.SIGTERM)
        go.touch()
        said, _ = process.communicate(timeout=30)
    assert said == "True 1 ('whole',)\n"
    assert process.returncode == 0
