"""What /_target/stats says: counts in, a JSON value out. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import product
from typing import NamedTuple

from loadgen.target import counters
from loadgen.target.counters import METHODS, PATHS, STATUSES, Counts, answer_word
from loadgen.target.stall import Stall

__all__ = ["describe"]


class _Row(NamedTuple):
    path: str
    method: str
    status: int
    answered: int


def describe(
    counts: Counts, *, started_ns: int, now_ns: int, stall: Stall | None
) -> dict[str, object]:
    """The counts since the last reset (or the start), as people and tests read them.

    received = answered + abandoned + unanswered. `unanswered` and `open` are of this moment;
    a request that waits while a reset comes counts as received after it. Requests to
    /_target/..., their bytes and the connections that carried one are left out.

    Args:
        counts: of all processes.
        started_ns: start of the server, CLOCK_MONOTONIC like all times here.
        now_ns: the moment the counts were taken.
        stall: the periodic stall, if there is one.
    """
    rows = _rows(counts)
    answered = sum(row.answered for row in rows)
    abandoned = counts.recent(counters.ABANDONED)
    unanswered = counts.total(counters.QUEUED) - counts.total(counters.RELEASED)
    since_ns = counts.reset_ns or started_ns
    return {
        "seconds": round((now_ns - since_ns) / 1e9, 6),
        "requests": {
            "received": answered + abandoned + unanswered,
            "answered": answered,
            "abandoned": abandoned,
            "unanswered": unanswered,
            "bad": counts.recent(counters.BAD_REQUESTS),
        },
        "by_path": _sums((row.path, row.answered) for row in rows),
        "by_method": _sums((row.method, row.answered) for row in rows),
        "by_status": _sums((str(row.status), row.answered) for row in rows),
        "answers": [row._asdict() for row in rows],
        "bytes": {
            "received": counts.recent(counters.RECEIVED_BYTES),
            "sent": counts.recent(counters.SENT_BYTES),
        },
        "connections": {"accepted": _accepted(counts), "open": _open(counts)},
        "stalls": stall.begun(now_ns - started_ns, since_ns - started_ns) if stall else 0,
        "answered_by_process": [sum(slot[counters.FIRST_ANSWER :]) for slot in counts.since_reset],
    }


def _rows(counts: Counts) -> list[_Row]:
    every = (
        _Row(path, method, status, counts.recent(answer_word(path, method, status)))
        for path, method, status in product(PATHS, METHODS, STATUSES)
    )
    return [row for row in every if row.answered]


def _sums(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for key, n in pairs:
        sums[key] += n
    return dict(sums)


def _accepted(counts: Counts) -> int:
    # A connection that waits while a reset comes and asks for /_target/... after it was
    # accepted before and is taken back now.
    return max(0, counts.recent(counters.ACCEPTED) - counts.recent(counters.CONTROL_ACCEPTED))


def _open(counts: Counts) -> int:
    accepted = counts.total(counters.ACCEPTED) - counts.total(counters.CLOSED)
    control = counts.total(counters.CONTROL_ACCEPTED) - counts.total(counters.CONTROL_CLOSED)
    return accepted - control
