"""Files that a run writes: found writable before it, replaced in one step after it."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import IO

from loadgen.errors import ConfigError

__all__ = ["Destination", "discard_output", "find_destination"]

_OPEN_FILES = ("/dev/std", "/dev/fd/", "/proc/self/fd/")


class _Way(Enum):
    """How a file gets its content."""

    STDOUT = auto()
    REPLACE = auto()
    """A new file takes the old one's name: nobody ever reads half a report."""
    OVERWRITE = auto()
    """The folder takes no new file, but the old one may be written."""
    APPEND = auto()
    """A pipe or a device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A place that was found writable.

    Attributes:
        name: as the user wrote it.
    """

    name: str
    path: Path
    way: _Way

    @property
    def is_stdout(self) -> bool:
        """True when the content goes to standard output."""
        return self.way is _Way.STDOUT

    @property
    def replaces(self) -> bool:
        """True when its folder takes new files."""
        return self.way is _Way.REPLACE

    def write(self, text: str) -> None:
        """Writes the content, as `write_pieces` does."""
        self.write_pieces((text,))

    def write_pieces(self, pieces: Iterable[str]) -> None:
        """Writes the content, piece by piece.

        Raises:
            OSError: it could not be written; what was there before still is (not so when
                the folder takes no new file).
        """
        match self.way:
            case _Way.STDOUT:
                sys.stdout.writelines(pieces)
                sys.stdout.flush()
            case _Way.REPLACE:
                _replace(self.path, pieces)
            case _Way.OVERWRITE | _Way.APPEND:
                mode = "a" if self.way is _Way.APPEND else "w"
                with self.path.open(mode, encoding="utf-8") as stream:
                    stream.writelines(pieces)


def find_destination(name: str, option: str) -> Destination:
    """Finds out whether a file can be written, without touching what is in it.

    Args:
        name: of the file; "-" is standard output.
        option: what named it, for messages.

    Raises:
        ConfigError: says why it cannot be written.
    """
    if name in {"-", "/dev/stdout"}:
        return Destination(name="-", path=Path("/dev/stdout"), way=_Way.STDOUT)
    path = Path(name)
    try:
        return Destination(name=name, path=_real(path), way=_way(path))
    except OSError as error:
        raise ConfigError(
            f"{option}: found {name!r}, which cannot be written ({error.strerror}); "
            f"expected a file in a folder that exists and is writable"
        ) from None


def discard_output(stream: IO[str]) -> None:
    """Lets nothing more come out of a stream whose reader has gone, nor fail at exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)


def _real(path: Path) -> Path:
    """A link keeps pointing to its file: the file is replaced, not the link."""
    return path if _is_device(path) else Path(os.path.realpath(path))


def _way(path: Path) -> _Way:
    if path.is_dir():
        raise IsADirectoryError(0, "it is a folder")
    if _is_device(path):
        if not os.access(path, os.W_OK):
            raise PermissionError(0, "Permission denied")
        return _Way.APPEND
    real = _real(path)
    if not real.parent.is_dir():
        raise NotADirectoryError(0, f"there is no folder {real.parent}")
    try:
        with tempfile.TemporaryFile(dir=real.parent):
            return _Way.REPLACE
    except OSError:
        if not real.is_file():
            raise
    with real.open("r+b"):
        return _Way.OVERWRITE


def _is_device(path: Path) -> bool:
    """Pipes, terminals, and the names that stand for open files of ours."""
    stands_for_open_file = str(path).startswith(_OPEN_FILES)
    return path.exists() and (stands_for_open_file or not (path.is_file() or path.is_dir()))


def _replace(path: Path, pieces: Iterable[str]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with temporary.open("x", encoding="utf-8") as stream:
            stream.writelines(pieces)
        if path.exists():
            temporary.chmod(stat.S_IMODE(path.stat().st_mode))
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
