"""Appends to a file that others append to at the same time: the whole text, or nothing of it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

__all__ = ["append"]


def append(path: Path, section: str) -> None:
    """Appends a section of Markdown, a blank line after what is there; makes the file if needed.

    Two programs that do so at once take turns. Nothing that stood in the file is ever written
    again.

    Args:
        path: in a folder that exists.
        section: ends with a line break.

    Raises:
        OSError: it could not be written; then the file is as it was before.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        # Closing the file gives the lock back, also when this process is killed.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        _append(descriptor, section)
    finally:
        os.close(descriptor)


def _append(descriptor: int, section: str) -> None:
    end = os.fstat(descriptor).st_size
    last = os.pread(descriptor, 2, max(0, end - 2))
    text = (_gap(last) + section).encode()
    try:
        written = os.write(descriptor, text)
        while written < len(text):  # the disk filled up, or a signal came: the next one says
            written += os.write(descriptor, text[written:])
    except OSError:
        os.ftruncate(descriptor, end)
        raise


def _gap(last: bytes) -> str:
    """What makes a blank line after a file that ends so; Markdown needs one before a heading."""
    if not last or last == b"\n\n":
        return ""
    return "\n" if last.endswith(b"\n") else "\n\n"
