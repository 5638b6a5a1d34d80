"""Runs the command that takes a deployment back: no shell, a timeout, retries, an outcome.

`command_problems` and `fill` are pure. A signal that asks this program to stop does not reach
the command: a rollback that is stopped half-way is worse than none.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from loadgen.consequence import RollbackOutcome
from loadgen.interrupts import Interrupts

__all__ = [
    "PLACEHOLDERS",
    "RollbackOptions",
    "command_problems",
    "fill",
    "missing_program",
    "roll_back",
]

PLACEHOLDERS = ("deployment", "namespace", "run_id", "violations")
TIMEOUT_S = 60.0
RETRIES = 2
BACKOFF_S = 2.0
"""Before the first retry; twice as long before each further one."""
KILL_GRACE_S = 3.0
"""From asking a command to end to killing it."""
LAST_LINES = 20
LAST_BYTES = 16_384
_PLACEHOLDER = re.compile(r"\{([A-Za-z_]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackOptions:
    """How to roll back, and whether that may be done.

    Attributes:
        command: program and arguments; {deployment}, {namespace}, {run_id} and {violations}
            in them are filled in.
        auto: a run that fails orders it. Without, it is never run.
        timeout_s: for each attempt; then it is ended, with all processes that it started.
        retries: attempts after the first one.
        backoff_s: pause before the first retry, doubled each time.
        deployment, namespace: what the placeholders stand for.
    """

    command: tuple[str, ...]
    auto: bool = False
    timeout_s: float = TIMEOUT_S
    retries: int = RETRIES
    backoff_s: float = BACKOFF_S
    deployment: str = ""
    namespace: str = ""


def command_problems(options: RollbackOptions) -> list[str]:
    """What keeps a command from being filled in, one sentence each, without the place."""
    if not options.command or not options.command[0].strip():
        return ["found no program, expected for example kubectl rollout undo deployment/NAME"]
    used = dict.fromkeys(name for part in options.command for name in _PLACEHOLDER.findall(part))
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    problems = [
        f"found the placeholder {{{name}}}, expected one of {known}"
        for name in used
        if name not in PLACEHOLDERS
    ]
    problems += [
        f"found {{{name}}} and nothing that it stands for, expected --{name}"
        for name in ("deployment", "namespace")
        if name in used and not getattr(options, name)
    ]
    return problems


def fill(command: Sequence[str], values: Mapping[str, str]) -> tuple[str, ...]:
    """A command with its placeholders filled in, each argument for itself.

    Args:
        command: checked by `command_problems`.
        values: by the names of PLACEHOLDERS; what they contain is not looked into again.
    """
    return tuple(_PLACEHOLDER.sub(lambda found: values[found[1]], part) for part in command)


def missing_program(command: Sequence[str]) -> str:
    """Why the program cannot be run, without the place; "" when it can."""
    if shutil.which(command[0]):
        return ""
    return f"found {command[0]!r}, which is no program of this machine; expected one, or its path"


def roll_back(
    options: RollbackOptions, *, run_id: str, violations: Sequence[str]
) -> RollbackOutcome:
    """Runs the command until it succeeds, at most 1 + `retries` times.

    SIGINT, SIGTERM and SIGHUP are held off meanwhile when this is the main thread.

    Args:
        options: checked by `command_problems`.
        run_id: for {run_id}.
        violations: for {violations}, joined by "; ".
    """
    command = fill(
        options.command,
        {
            "deployment": options.deployment,
            "namespace": options.namespace,
            "run_id": run_id,
            "violations": "; ".join(violations),
        },
    )
    began_s = time.monotonic()
    interrupts = Interrupts()
    try:
        with interrupts.on_signals():
            attempt = _Attempt(end="it was not run", output=())
            attempts = 0
            while attempt.end and attempts <= options.retries:
                if attempts:
                    time.sleep(options.backoff_s * 2 ** (attempts - 1))
                attempt = _attempt(command, options.timeout_s)
                attempts += 1
    finally:
        interrupts.close()
    seconds = time.monotonic() - began_s
    tries = f" at attempt {attempts}" if attempts > 1 else ""
    done = f"Rolled back by {command[0]} in {seconds:.1f} s{tries}"
    failed = (
        f"The rollback did not succeed, and a person is needed: {command[0]} was run "
        f"{'once' if attempts == 1 else f'{attempts} times'}, and {attempt.end}"
    )
    return RollbackOutcome(
        ordered=True,
        succeeded=not attempt.end,
        attempts=attempts,
        seconds=seconds,
        output=attempt.output,
        text=failed if attempt.end else done,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """One run of the command.

    Attributes:
        end: how it failed, for a sentence; "" when it succeeded.
    """

    end: str
    output: tuple[str, ...]


def _attempt(command: Sequence[str], timeout_s: float) -> _Attempt:
    # A file, not a pipe: a process that the command leaves behind would keep a pipe open.
    with tempfile.TemporaryFile() as stream:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C goes to the terminal's group, which this leaves
            )
        except OSError as error:
            return _Attempt(end=f"it could not be started ({error.strerror})", output=())
        end = _ended(process, timeout_s)
        return _Attempt(end=end, output=_last_lines(stream))


def _ended(process: subprocess.Popen[bytes], timeout_s: float) -> str:
    try:
        code = process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        _end(process)
        return f"it did not end within {timeout_s:g} s"
    if code < 0:
        return f"it was killed by signal {-code}"
    return f"it ended with code {code}" if code else ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """Asks the command and what it started to end, then kills them."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(KILL_GRACE_S)


def _last_lines(stream: IO[bytes]) -> tuple[str, ...]:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - LAST_BYTES))
    text = stream.read().decode(errors="replace")
    return tuple(line.rstrip() for line in text.splitlines()[-LAST_LINES:])
