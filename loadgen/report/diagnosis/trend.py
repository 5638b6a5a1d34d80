"""What changed from the first third of a run to the last although the load did not. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean, median
from typing import TYPE_CHECKING, TypeVar

from loadgen.report.diagnosis.clue import Clue
from loadgen.report.numbers import count, duration, percent, size

if TYPE_CHECKING:
    from loadgen.measurement import Measurement, ResourceSecond, Second

__all__ = ["clues"]

T = TypeVar("T")

LEAST_SECONDS = 9
SAME_LOAD_RATIO = 0.1
GROWTH = 1.5
MEMORY_GROWTH = 1.2
MEMORY_GROWTH_BYTES = 16 * 2**20
"""Below it no growth is worth a word: allocators take so much at a time."""


def clues(m: Measurement) -> Iterator[Clue]:
    """What grew, and what the target used."""
    if len(m.timeline) >= LEAST_SECONDS:
        yield from _latency(m)
    yield from _target_cpu(m.resources)
    if len(m.resources) >= LEAST_SECONDS:
        yield from _target_memory(m.resources)


def _latency(m: Measurement) -> Iterator[Clue]:
    """Medians of the seconds' P95: they are compared as they are, and never averaged."""
    first, middle, last = _thirds(m.timeline)
    before, after = (
        fmean(second.sent if m.run.open_loop else second.users for second in third)
        for third in (first, last)
    )
    if not before or abs(after - before) > SAME_LOAD_RATIO * before:
        return
    begun_ms, during_ms, ended_ms = (_p95_ms(third) for third in (first, middle, last))
    if not begun_ms or not during_ms or not ended_ms or ended_ms < GROWTH * begun_ms:
        return
    if not begun_ms <= during_ms <= ended_ms:
        return
    load = f"{count(round(after))} {'req/sec' if m.run.open_loop else 'users'}"
    flying = [round(fmean(second.in_flight for second in third)) for third in (first, last)]
    queue = (
        f", with {count(flying[0])} and {count(flying[1])} requests in flight: a queue grows, as "
        "more is offered than the target can take"
        if m.run.open_loop and flying[1] > GROWTH * flying[0]
        else ": check what fills up (memory, disk, tables, pools of connections), and run longer"
    )
    yield Clue(
        weight=2 - begun_ms / ended_ms,
        text=f"Response times grew while the load stayed at {load}: the median of "
        f"the seconds' P95 is {duration(begun_ms)} in the first third of the run and "
        f"{duration(ended_ms)} in the last{queue}.",
    )


def _target_cpu(resources: Sequence[ResourceSecond]) -> Iterator[Clue]:
    used = [each.target_cpu_percent for each in resources if each.target_cpu_percent is not None]
    if used:
        yield Clue(
            weight=0.2,
            text=f"The target used {percent(fmean(used))} % of a core on average, and "
            f"{percent(max(used))} % in its busiest second.",
        )


def _target_memory(resources: Sequence[ResourceSecond]) -> Iterator[Clue]:
    seen = [each.target_memory_bytes for each in resources if each.target_memory_bytes is not None]
    if len(seen) < LEAST_SECONDS:
        return
    first, _, last = _thirds(seen)
    before, after = median(first), median(last)
    if after >= MEMORY_GROWTH * before and after - before >= MEMORY_GROWTH_BYTES:
        yield Clue(
            weight=0.9,
            text=f"The target's memory grew from {size(round(before))} in the first third of the "
            f"run to {size(round(after))} in the last: run longer to see whether that ends.",
        )


def _thirds(items: Sequence[T]) -> tuple[Sequence[T], Sequence[T], Sequence[T]]:
    """The first and the last third, equally long, and what lies between them."""
    third = len(items) // 3
    return items[:third], items[third:-third], items[-third:]


def _p95_ms(seconds: Sequence[Second]) -> float | None:
    values = [second.p95_ms for second in seconds if second.p95_ms is not None]
    return median(values) if values else None
