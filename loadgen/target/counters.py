"""The target's own counts, true over all its processes: shared memory, one slot each.

    memory = words of 8 bytes:  reset_ns, 7 spare | slot per process | baseline per process
    slot   = the words named below | one word per (path, method, status)

A slot is written by its own process only, as whole words that only go up; any process may
read all. A reset cannot zero what others are writing: it copies the slots to the
baselines, and what is reported is the difference.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

__all__ = [
    "METHODS",
    "OTHER",
    "PATHS",
    "STATUSES",
    "Counters",
    "Counts",
    "answer_word",
    "path_of_word",
]

OTHER: Final = "other"
PATHS: Final = (
    "/",
    "/api/health",
    "/api/users",
    "/api/orders",
    "/api/products",
    "/api/analytics",
    "/api/search",
    OTHER,
)
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", OTHER)
STATUSES: Final = (200, 404, 500)

ACCEPTED: Final = 0
CLOSED: Final = 1
CONTROL_ACCEPTED: Final = 2  # connections that asked for /_target/...
CONTROL_CLOSED: Final = 3
RECEIVED_BYTES: Final = 4
SENT_BYTES: Final = 5
QUEUED: Final = 6  # requests whose answer had to wait
RELEASED: Final = 7  # of these, answered or abandoned
ABANDONED: Final = 8  # the client had gone before its answer was due
BAD_REQUESTS: Final = 9  # bytes that were no request
CONTROL: Final = 10  # requests to /_target/...
CONTINUED: Final = 11  # interim answers to Expect: 100-continue
FIRST_ANSWER: Final = 16

_WORD_BYTES = 8
_LINE_WORDS = 8  # a cache line: no two processes write to one
_SLOT_WORDS = FIRST_ANSWER + len(PATHS) * len(METHODS) * len(STATUSES)
_STRIDE = -(-_SLOT_WORDS // _LINE_WORDS) * _LINE_WORDS
_RESET_NS = 0


def answer_word(path: str, method: str, status: int) -> int:
    """The word of a slot that counts such answers; unlisted paths and methods are OTHER."""
    row = PATHS.index(path if path in PATHS else OTHER)
    column = METHODS.index(method if method in METHODS else OTHER)
    return FIRST_ANSWER + (row * len(METHODS) + column) * len(STATUSES) + STATUSES.index(status)


def path_of_word(word: int) -> str:
    """The path, of PATHS, whose answers a word counts.

    Args:
        word: FIRST_ANSWER or more.
    """
    return PATHS[(word - FIRST_ANSWER) // (len(METHODS) * len(STATUSES))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What was counted at one instant.

    Attributes:
        totals: per process, its slot's words since the server's start.
        since_reset: per process, the same since the last reset.
        reset_ns: CLOCK_MONOTONIC time of the last reset; 0 without one.
    """

    totals: tuple[tuple[int, ...], ...]
    since_reset: tuple[tuple[int, ...], ...]
    reset_ns: int

    def total(self, word: int) -> int:
        """Sum over the processes, since the server's start."""
        return sum(slot[word] for slot in self.totals)

    def recent(self, word: int) -> int:
        """Sum over the processes, since the last reset."""
        return sum(slot[word] for slot in self.since_reset)


class Counters:
    """The shared memory; made before the processes are forked, inherited by them."""

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self._fd = os.memfd_create("loadgen-target-counters", os.MFD_CLOEXEC)
        words = _LINE_WORDS + 2 * processes * _STRIDE
        os.ftruncate(self._fd, words * _WORD_BYTES)
        self._map = mmap.mmap(self._fd, words * _WORD_BYTES)
        self._words = memoryview(self._map).cast("Q")

    def slot(self, process: int) -> memoryview[int]:
        """The words that this process, and no other, may write."""
        return self._area(process)

    def read(self) -> Counts:
        """A copy of all counts; single words are exact, two words are not one instant."""
        totals = tuple(tuple(self._area(index)) for index in range(self.processes))
        baselines = [self._area(self.processes + index) for index in range(self.processes)]
        return Counts(
            totals=totals,
            since_reset=tuple(map(_difference, totals, baselines)),
            reset_ns=self._words[_RESET_NS],
        )

    def reset(self, now_ns: int) -> None:
        """Counts anew from here on, for all processes."""
        with self._only_one():
            for index in range(self.processes):
                self._area(self.processes + index)[:] = self._area(index)
            self._words[_RESET_NS] = now_ns

    def close(self) -> None:
        """Unmaps the memory; it is gone when the last process has done so."""
        self._words.release()
        self._map.close()
        os.close(self._fd)

    def _area(self, index: int) -> memoryview[int]:
        start = _LINE_WORDS + index * _STRIDE
        return self._words[start : start + _STRIDE]

    @contextmanager
    def _only_one(self) -> Iterator[None]:
        """Two processes may be asked to reset at once, and the baselines have one writer."""
        fcntl.lockf(self._fd, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self._fd, fcntl.LOCK_UN)


def _difference(total: Sequence[int], baseline: Sequence[int]) -> tuple[int, ...]:
    return tuple(now - then for now, then in zip(total, baseline, strict=True))
