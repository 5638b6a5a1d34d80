"""The whole run at one instant, and what happened between two of them.

`take` reads the arena while its workers go on; everything else here is pure.
A snapshot's counters are read one after the other and outcomes before sends, so that it
never shows more outcomes than requests; sums close once every worker is DONE.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from loadgen.arena import WorkerState
from loadgen.counters import (
    errors_of,
    failed_codes_of,
    failures_by_name,
    merged,
    status_codes_of,
    summed,
)
from loadgen.measurement import Second, WarmUp
from loadgen.progress import Progress, RunPhase
from slo.histogram import COARSE_BITS, FINE_BITS, Histogram

if TYPE_CHECKING:
    from loadgen.arena import Arena

__all__ = [
    "Snapshot",
    "WorkerSample",
    "failures",
    "progress",
    "second",
    "take",
    "warmup_second",
    "worker_cpu_percent",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSample:
    """What a worker says of itself at one instant; totals since it started.

    Attributes:
        cpu_ns: CPU time of the engine's thread, spinning included.
        spin_ns: time in rounds that found nothing to do.
        alive_ns: when the engine last ran, on the monotonic clock.
        gap_ns: the longest time by which the engine woke too late.
        gaps_ns: the sum of such delays over 100 ms: stopped, starved.
    """

    state: WorkerState
    cpu_ns: int
    spin_ns: int
    alive_ns: int
    gap_ns: int
    gaps_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All workers and endpoints together at one instant; totals since the load began.

    Attributes:
        at_ns: when it was taken, on the monotonic clock.
        dropped_busy: of the dropped, those that had no free connection at the end.
        waited: of the sent, those that waited more than 1 ms for a free connection.
        held: of the sent, those that limits.max_rps held back.
        errors: failures without a usable answer by class; classes that occurred.
        status_codes: answers by status; codes that occurred.
        failed_codes: of those, the answers that fail by their status alone.
        warmup: requests of the warm-up, which are counted nowhere else.
        users, in_flight, connections: gauges.
        response: response times of the measured time.
        own_lag: by how much the generator itself sent too late.
        workers: one sample per worker.
    """

    at_ns: int
    sent: int
    succeeded: int
    failed: int
    late: int
    dropped: int
    dropped_busy: int
    waited: int
    held: int
    errors: Mapping[str, int]
    status_codes: Mapping[int, int]
    failed_codes: Mapping[int, int]
    warmup: WarmUp
    users: int
    in_flight: int
    connections: int
    response: Histogram
    own_lag: Histogram
    workers: tuple[WorkerSample, ...]


def take(arena: Arena, at_ns: int) -> Snapshot:
    """Reads the arena as it is at this instant (some ms for 64 workers and 20 endpoints).

    Args:
        arena: may be written to meanwhile.
        at_ns: now, on the monotonic clock.

    Raises:
        LayoutError: when a histogram's head is impossible.
    """
    stats, slots = arena.slots["endpoints"], arena.slots
    response = merged(arena, arena.histogram_offsets("response"), FINE_BITS)
    errors, status_codes = errors_of(stats), status_codes_of(stats)
    failed, succeeded = summed(stats["failed"]), summed(stats["succeeded"])
    warmup_failed, warmup_succeeded = (
        summed(stats["warmup_failed"]),
        summed(stats["warmup_succeeded"]),
    )
    return Snapshot(
        at_ns=at_ns,
        sent=summed(stats["sent"]),
        succeeded=succeeded,
        failed=failed,
        late=summed(stats["late"]),
        dropped=summed(stats["dropped"]),
        dropped_busy=summed(slots["dropped_busy"]),
        waited=summed(slots["waited"]),
        held=summed(slots["held"]),
        errors=errors,
        status_codes=status_codes,
        failed_codes=failed_codes_of(stats),
        warmup=WarmUp(
            sent=summed(stats["warmup_sent"]), succeeded=warmup_succeeded, failed=warmup_failed
        ),
        users=summed(slots["users"]),
        in_flight=summed(slots["in_flight"]),
        connections=summed(slots["connections"]),
        response=response,
        own_lag=merged(arena, arena.own_lag_offsets(), COARSE_BITS),
        workers=tuple(_sample(slot) for slot in slots),
    )


def failures(snapshot: Snapshot) -> dict[str, int]:
    """Failed requests by error class, and by "http_NNN" for answers that are no success."""
    return failures_by_name(snapshot.errors, snapshot.failed_codes)


def second(
    before: Snapshot, after: Snapshot, *, t_s: float, cpu_percent: tuple[float, ...]
) -> Second:
    """What happened between two snapshots of the measured time.

    Args:
        before: the state at its beginning.
        after: the state at its end.
        t_s: its end, in seconds since the measured time began.
        cpu_percent: of each worker in it.

    Returns:
        Differences; percentiles that fewer than 5 answers lie beyond are None. The maximum
        is known to the precision of its bucket. Errors are by class as in `failures`.
    """
    response = after.response - before.response
    p50_ms, p95_ms, p99_ms = response.percentiles_ms((0.50, 0.95, 0.99))
    own_lag_p99_ns = (after.own_lag - before.own_lag).quantile_ns(0.99)
    return Second(
        t_s=t_s,
        sent=after.sent - before.sent,
        succeeded=after.succeeded - before.succeeded,
        failed=after.failed - before.failed,
        p50_ms=p50_ms,
        p95_ms=p95_ms,
        p99_ms=p99_ms,
        max_ms=_max_ms(response),
        users=after.users,
        in_flight=after.in_flight,
        errors=dict(Counter(failures(after)) - Counter(failures(before))),
        own_lag_p99_ms=None if own_lag_p99_ns is None else own_lag_p99_ns / 1e6,
        worker_cpu_percent=cpu_percent,
    )


def warmup_second(before: Snapshot, after: Snapshot, *, t_s: float) -> Second:
    """What happened between two snapshots of the warm-up: counts and CPU time only.

    Args:
        before: the state at its beginning.
        after: the state at its end.
        t_s: its end; what the caller counts it from.
    """
    return Second(
        t_s=t_s,
        sent=after.warmup.sent - before.warmup.sent,
        succeeded=after.warmup.succeeded - before.warmup.succeeded,
        failed=after.warmup.failed - before.warmup.failed,
        p50_ms=None,
        p95_ms=None,
        p99_ms=None,
        max_ms=None,
        users=after.users,
        in_flight=after.in_flight,
        errors={},
        own_lag_p99_ms=None,
        worker_cpu_percent=worker_cpu_percent(before, after),
    )


def worker_cpu_percent(before: Snapshot, after: Snapshot) -> tuple[float, ...]:
    """Each worker's CPU time between two snapshots, of one core, spinning not included."""
    wall_ns = after.at_ns - before.at_ns
    if wall_ns <= 0:
        return (0.0,) * len(after.workers)
    return tuple(
        max(0.0, 100.0 * (now.cpu_ns - then.cpu_ns - (now.spin_ns - then.spin_ns)) / wall_ns)
        for then, now in zip(before.workers, after.workers, strict=True)
    )


def progress(
    before: Snapshot,
    after: Snapshot,
    *,
    phase: RunPhase,
    elapsed_s: float,
    total_s: float,
    second: Second | None,
    offered_rps: float | None,
) -> Progress:
    """The state of a run for its display.

    Args:
        before: the previous snapshot; the first one is its own.
        after: the latest snapshot.
        phase: where the run is.
        elapsed_s: since the load began.
        total_s: planned seconds of load, warm-up included.
        second: the last whole second, if any.
        offered_rps: open loop: the schedule's rate now.
    """
    p50_ms, p90_ms, p95_ms, p99_ms = after.response.percentiles_ms((0.50, 0.90, 0.95, 0.99))
    return Progress(
        phase=phase,
        elapsed_s=elapsed_s,
        total_s=total_s,
        second=second,
        p50_ms=p50_ms,
        p90_ms=p90_ms,
        p95_ms=p95_ms,
        p99_ms=p99_ms,
        max_ms=_max_ms(after.response),
        sent=after.sent,
        succeeded=after.succeeded,
        failed=after.failed,
        errors=failures(after),
        own_lag_p99_ms=after.own_lag.p99_ms,
        worker_cpu_percent=worker_cpu_percent(before, after),
        offered_rps=offered_rps,
        users=after.users,
        in_flight=after.in_flight,
    )


def _sample(slot: np.void) -> WorkerSample:
    return WorkerSample(
        state=WorkerState(int(slot["state"])),
        cpu_ns=int(slot["cpu_ns"]),
        spin_ns=int(slot["spin_ns"]),
        alive_ns=int(slot["alive_ns"]),
        gap_ns=int(slot["gap_ns"]),
        gaps_ns=int(slot["gaps_ns"]),
    )


def _max_ms(histogram: Histogram) -> float | None:
    return histogram.max_ns / 1e6 if histogram.n else None
