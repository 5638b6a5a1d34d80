"""A rollback command is run once, although whoever ordered it may be killed at any moment.

Most such commands must not run twice: a second `rollout undo` would undo the first. So the command
runs under this file as a program of its own (standard library only), which survives its parent
and leaves a receipt: that it began, and how it ended.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

__all__ = ["Receipt", "main"]

_BEGUN, _ENDED = "begun", "ended"
NO_PROGRAM = 127
"""What shells end with for a program that is not there."""


class Receipt:
    """The receipt of one command.

    Args:
        path: of the file; not there before the command began.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def wrapper(self) -> tuple[str, ...]:
        """What is put before the command, so that it leaves this receipt."""
        return (sys.executable, "-I", __file__, str(self._path.absolute()))

    def unclear(self) -> str:
        """Why nobody knows what the command did, a sentence without a full stop; "" when known.

        One that still runs is no problem: a second one waits for it and takes its end for its own.
        """
        try:
            with self._path.open("rb") as stream:
                fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
                said = stream.read().decode()
        except (FileNotFoundError, BlockingIOError):
            return ""
        if said.startswith(_ENDED) or not said:
            return ""
        return (
            "The rollback command was begun and its end is not known, for this machine or somebody "
            "stopped it; look what became of it, and run it by hand if need be: a person is needed"
        )


def main(arguments: Sequence[str]) -> int:
    """Runs a command unless it has succeeded before.

    Args:
        arguments: the receipt's file, and the command.

    Returns:
        The command's exit code.
    """
    path, *command = arguments
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)  # waits for one that was begun before
    if os.pread(descriptor, 64, 0).decode() == f"{_ENDED} 0":
        return 0
    _write(descriptor, _BEGUN)
    try:
        code = subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode
    except OSError as error:
        sys.stderr.write(f"{command[0]}: it could not be started ({error.strerror})\n")
        code = NO_PROGRAM
    code = code if code >= 0 else 128 - code
    _write(descriptor, f"{_ENDED} {code}")
    return code


def _write(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)
    os.fsync(descriptor)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
