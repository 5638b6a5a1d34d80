"""Reads counters and histograms out of the arena, summed over workers (and endpoints)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from loadgen._merge import merge
from loadgen.arena import ERROR_CLASSES, HISTOGRAM_HEAD, STATUS_CODES
from slo.histogram import Histogram

if TYPE_CHECKING:
    import numpy.typing as npt

    from loadgen.arena import Arena

__all__ = [
    "errors_of",
    "failed_codes_of",
    "failures_by_name",
    "merged",
    "named",
    "status_codes_of",
    "summed",
]


def merged(arena: Arena, offsets: npt.NDArray[np.uint64], bits: int) -> Histogram:
    """The histograms at these places together, as a value.

    Args:
        arena: may be written to meanwhile.
        offsets: of histograms in it, any shape; `Arena.histogram_offsets` has them.
        bits: their precision.

    Raises:
        LayoutError: when a histogram's head is impossible.
    """
    words = merge(arena.memory, offsets.ravel(), bits)
    head_words = HISTOGRAM_HEAD.itemsize // words.itemsize
    head = words[:head_words].view(HISTOGRAM_HEAD)[0]
    if not head["count"]:
        return Histogram.empty(bits)
    return Histogram(
        bits=bits,
        counts=words[head_words:],
        sum_ns=int(head["sum_ns"]),
        min_ns=int(head["min_ns"]),
        max_ns=int(head["max_ns"]),
        saturated=int(head["saturated"]),
    )


def summed(counters: npt.NDArray[np.uint64]) -> int:
    """One counter of all workers (and endpoints)."""
    return int(counters.sum())


def errors_of(stats: npt.NDArray[np.void]) -> dict[str, int]:
    """Failures by class, over workers (and endpoints); classes that occurred."""
    return named(ERROR_CLASSES, stats["errors"])


def status_codes_of(stats: npt.NDArray[np.void]) -> dict[int, int]:
    """Answers by status, over workers (and endpoints); codes that occurred."""
    return {code: n for code, n in enumerate(_over_all_but_last_axis(stats["status"])) if n}


def failed_codes_of(stats: npt.NDArray[np.void]) -> dict[int, int]:
    """Answers that fail by their status alone; each endpoint says from which status on."""
    fails = np.arange(STATUS_CODES, dtype=np.uint64) >= stats["fails_from"][..., np.newaxis]
    counts = _over_all_but_last_axis(stats["status"] * fails)
    return {code: n for code, n in enumerate(counts) if n}


def failures_by_name(errors: Mapping[str, int], failed_codes: Mapping[int, int]) -> dict[str, int]:
    """Failures by error class, and by "http_NNN" for answers that are no success."""
    return {**errors, **{f"http_{status}": count for status, count in failed_codes.items()}}


def named(names: Sequence[str], counters: npt.NDArray[np.uint64]) -> dict[str, int]:
    """Counters by name, over workers (and endpoints); those that are not zero."""
    counts = _over_all_but_last_axis(counters)
    return {name: n for name, n in zip(names, counts, strict=True) if n}


def _over_all_but_last_axis(counters: npt.NDArray[np.uint64]) -> list[int]:
    sums: list[int] = counters.sum(axis=tuple(range(counters.ndim - 1))).tolist()
    return sums
