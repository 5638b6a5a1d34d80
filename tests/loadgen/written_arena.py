"""Writes into an arena what workers would have written, for the tests that read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from loadgen import _merge
from loadgen.arena import ERROR_CLASSES, Arena
from slo.histogram import COARSE_BITS, FINE_BITS, Histogram

__all__ = ["MS", "count", "record", "same", "untouched_arena"]

MS = 1_000_000


@contextmanager
def untouched_arena() -> Iterator[Arena]:
    """Two workers, two endpoints."""
    with Arena.create(workers=2, endpoints=2) as arena:
        arena.slots["endpoints"]["fails_from"] = [[400, 400], [400, 400]]  # as the engine does
        yield arena


def count(arena: Arena, worker: int, endpoint: int, **counters: int) -> None:
    """Adds to a worker's counters of one endpoint; "http_NNN" and error classes, too."""
    stats = arena.slots["endpoints"][worker, endpoint]
    for name, n in counters.items():
        if name.startswith("http_"):
            stats["status"][int(name.removeprefix("http_"))] += n
        elif name in ERROR_CLASSES:
            stats["errors"][ERROR_CLASSES.index(name)] += n
        else:
            stats[name] += n


def record(arena: Arena, worker: int, endpoint: int, field: str, values: Sequence[int]) -> None:
    """Records as the engine does."""
    offset = int(arena.histogram_offsets(field)[worker, endpoint])
    if not arena.slots["endpoints"][field]["bits"][worker, endpoint]:
        bits = FINE_BITS if field == "response" else COARSE_BITS
        _merge.init(arena.memory, offset, bits)
    _merge.record(arena.memory, offset, np.array(values, dtype=np.uint64))


def same(actual: Histogram, expected: Histogram) -> bool:
    """Equal in all that they hold."""
    return np.array_equal(actual.counts, expected.counts) and (
        actual.bits,
        actual.sum_ns,
        actual.min_ns,
        actual.max_ns,
    ) == (expected.bits, expected.sum_ns, expected.min_ns, expected.max_ns)
