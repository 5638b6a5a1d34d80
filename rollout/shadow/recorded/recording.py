"""A file with recorded traffic: which kind it is, its requests in order, what was unreadable."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import BufferedIOBase
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING

from loadgen.errors import ConfigError
from rollout.shadow.recorded.access_log import read_line
from rollout.shadow.recorded.entry import Entry, UnreadableError
from rollout.shadow.recorded.har import Archive

if TYPE_CHECKING:
    from rollout.shadow.scrub import Scrubber

__all__ = ["Recording"]

LONGEST_LINE_BYTES = 65_536
LARGEST_ARCHIVE_BYTES = 256 * 1024 * 1024
MOST_SHOWN = 3
MOST_IN_A_SECOND = 10_000
"""Entries of one second that are held to be spread over it."""


class Recording:
    """A file with recorded traffic. Its entries are read once, as they are needed.

    Attributes:
        name: of the file, as reports show it.
        seen: lines or entries so far.
        unreadable: of these, those that cannot be sent.
        elsewhere: of these, those that went to another host.
        shown: the first that were unreadable, scrubbed.
    """

    def __init__(self, path: Path, *, host: str, scrubber: Scrubber) -> None:
        """Opens nothing yet.

        Args:
            path: of an access log or a HAR; .gz is unpacked.
            host: of production.
            scrubber: of what is shown.
        """
        self.name = str(path)
        self.seen = self.unreadable = self.elsewhere = 0
        self.shown: list[str] = []
        self._path = path
        self._host = host
        self._scrubber = scrubber

    def entries(self) -> Iterator[Entry]:
        """The requests; `at_s` begins at 0 and never goes back.

        Raises:
            ConfigError: the file cannot be read.
        """
        begin_s, now_s = None, 0.0
        for entry in self._read():
            begin_s = entry.at_s if begin_s is None else begin_s
            now_s = max(now_s, entry.at_s - begin_s)  # logs are written when requests end
            yield replace(entry, at_s=now_s)

    def _read(self) -> Iterator[Entry]:
        try:
            with self._open() as file:
                start = file.readline(LONGEST_LINE_BYTES)
                if _is_archive(start):
                    yield from self._archive(start + file.read(LARGEST_ARCHIVE_BYTES))
                else:
                    yield from _spread(self._lines(start, file))
        except (OSError, EOFError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise ConfigError(
                f"--replay: {self.name}: cannot be read ({reason}), expected an access log or a HAR"
            ) from None

    def _open(self) -> BufferedIOBase:
        if self._path.suffix == ".gz":
            return gzip.open(self._path, "rb")
        return self._path.open("rb")

    def _archive(self, content: bytes) -> Iterator[Entry]:
        if len(content) >= LARGEST_ARCHIVE_BYTES:
            raise ConfigError(
                f"--replay: {self.name}: found more than {LARGEST_ARCHIVE_BYTES} bytes, expected a "
                "HAR that fits into memory; save fewer requests"
            )
        archive = Archive(content.decode("utf-8-sig", "replace"), self.name, self._host)
        self.seen += archive.elsewhere
        self.elsewhere = archive.elsewhere
        for entry in archive.entries(self._refused):
            self.seen += 1
            yield entry

    def _refused(self, line: str, reason: str) -> None:
        self.seen += 1
        self._note(line, reason)

    def _lines(self, start: bytes, file: BufferedIOBase) -> Iterator[Entry]:
        number, line = 1, start
        while line:
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if text.strip() and not text.startswith("#"):
                self.seen += 1
                try:
                    if len(line) >= LONGEST_LINE_BYTES:
                        raise UnreadableError(f"longer than {LONGEST_LINE_BYTES} bytes")
                    yield read_line(text)
                except UnreadableError as error:
                    self._note(text, f"line {number}: {error}")
            while len(line) >= LONGEST_LINE_BYTES and not line.endswith(b"\n"):
                line = file.readline(LONGEST_LINE_BYTES)
            number, line = number + 1, file.readline(LONGEST_LINE_BYTES)

    def _note(self, text: str, reason: str) -> None:
        self.unreadable += 1
        if len(self.shown) < MOST_SHOWN:
            self.shown.append(f"{reason}: {self._scrubber.line(text)}")


def _is_archive(start: bytes) -> bool:
    """Whether a file that begins like this is one JSON document, not one a line."""
    if not start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return False
    try:
        first = json.loads(start.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return True
    return (
        isinstance(first, dict) and isinstance(first.get("log"), dict) and "entries" in first["log"]
    )


def _spread(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Entries of one whole second, which is all that most logs tell, evenly over it."""
    for second, group in groupby(entries, key=lambda entry: entry.at_s):
        if not second.is_integer():
            yield from group
            continue
        members = iter(group)
        held = list(islice(members, MOST_IN_A_SECOND))
        for index, entry in enumerate(held):
            yield replace(entry, at_s=second + index / len(held))
        yield from (replace(entry, at_s=math.nextafter(second + 1, second)) for entry in members)
