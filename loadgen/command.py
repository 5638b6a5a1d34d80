"""Runs a command of the user's: arguments filled in, no shell, ended in time with all it started.

`placeholders` and `fill` are pure.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

__all__ = ["CommandEnd", "fill", "placeholders", "run_command"]

KILL_GRACE_S = 3.0
"""From asking a command to end to killing it."""
LAST_LINES = 20
LAST_BYTES = 16_384
_PLACEHOLDER = re.compile(r"\{([A-Za-z_]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEnd:
    """What became of a command.

    Attributes:
        problem: how it failed, a clause such as "it ended with code 3"; "" when it succeeded.
        output: the last lines that it wrote.
    """

    problem: str
    output: tuple[str, ...]


def placeholders(command: Sequence[str]) -> tuple[str, ...]:
    """The names in braces in a command's arguments, each once."""
    return tuple(dict.fromkeys(name for part in command for name in _PLACEHOLDER.findall(part)))


def fill(command: Sequence[str], values: Mapping[str, str]) -> tuple[str, ...]:
    """A command with its placeholders filled in, each argument for itself.

    Args:
        command: its arguments.
        values: one for each of its `placeholders`; what they contain is not looked into again.
    """
    return tuple(_PLACEHOLDER.sub(lambda found: values[found[1]], part) for part in command)


def run_command(command: Sequence[str], *, timeout_s: float) -> CommandEnd:
    """Runs a command once, in a session of its own, so that Ctrl-C does not reach it.

    Args:
        command: program and arguments.
        timeout_s: then it is ended, with all processes that it started.
    """
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
            return CommandEnd(problem=f"it could not be started ({error.strerror})", output=())
        problem = _ended(process, timeout_s)
        return CommandEnd(problem=problem, output=_last_lines(stream))


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
