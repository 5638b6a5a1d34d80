"""From shared memory to values: a snapshot each second, tallies at the end.

`take` and `tallies` read the arena while its workers go on; everything else here is pure.
A snapshot's counters are read one after the other and outcomes before sends, so that it
never shows more outcomes than requests; sums close once every worker is DONE.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from loadgen._merge import merge
from loadgen.arena import (
    CHECK_KINDS,
    ERROR_CLASSES,
    HISTOGRAM_HEAD,
    STATUS_CODES,
    WorkerState,
)
from loadgen.measurement import Second, Tally, WarmUp
from loadgen.progress import Progress, RunPhase
from slo.histogram import COARSE_BITS, FINE_BITS, Histogram
from slo.metric import Phase
from slo.sample import Counts

if TYPE_CHECKING:
    import numpy.typing as npt

    from loadgen.arena import Arena

__all__ = [
    "STATUS_UNKNOWN",
    "Snapshot",
    "WorkerSample",
    "counts",
    "failures",
    "failures_of",
    "progress",
    "second",
    "take",
    "tallies",
    "times",
    "total",
    "warmup_second",
    "worker_cpu_percent",
]

STATUS_UNKNOWN = 0
"""Answers that failed their check are kept without their status. They are answers all the same,
and no objective is about a status of 0."""
_Key = TypeVar("_Key", str, int)

_FIELD_AND_BITS = {
    Phase.LATENCY: ("response", FINE_BITS),
    Phase.SERVICE: ("service", COARSE_BITS),
    Phase.TTFB: ("ttfb", COARSE_BITS),
    Phase.CONNECT: ("connect", COARSE_BITS),
    Phase.TLS: ("tls", COARSE_BITS),
    Phase.LAG: ("lag", COARSE_BITS),
}


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
    response = _merged(arena, arena.histogram_offsets("response"), FINE_BITS)
    errors, status_codes = _errors(stats), _status_codes(stats)
    failed, succeeded = _sum(stats["failed"]), _sum(stats["succeeded"])
    warmup_failed, warmup_succeeded = _sum(stats["warmup_failed"]), _sum(stats["warmup_succeeded"])
    return Snapshot(
        at_ns=at_ns,
        sent=_sum(stats["sent"]),
        succeeded=succeeded,
        failed=failed,
        late=_sum(stats["late"]),
        dropped=_sum(stats["dropped"]),
        dropped_busy=_sum(slots["dropped_busy"]),
        waited=_sum(slots["waited"]),
        held=_sum(slots["held"]),
        errors=errors,
        status_codes=status_codes,
        failed_codes=_failed_codes(stats),
        warmup=WarmUp(
            sent=_sum(stats["warmup_sent"]), succeeded=warmup_succeeded, failed=warmup_failed
        ),
        users=_sum(slots["users"]),
        in_flight=_sum(slots["in_flight"]),
        connections=_sum(slots["connections"]),
        response=response,
        own_lag=_merged(arena, arena.own_lag_offsets(), COARSE_BITS),
        workers=tuple(_sample(slot) for slot in slots),
    )


def failures(snapshot: Snapshot) -> dict[str, int]:
    """Failed requests by error class, and by "http_NNN" for answers that are no success."""
    return _failures(snapshot.errors, snapshot.failed_codes)


def failures_of(arena: Arena, endpoints: slice) -> dict[str, int]:
    """Failed requests of some endpoints so far, named as in `failures`.

    Args:
        arena: may be written to meanwhile.
        endpoints: a slice of those of the plan; picking them singly would copy their histograms.
    """
    stats = arena.slots["endpoints"][:, endpoints]
    return _failures(_errors(stats), _failed_codes(stats))


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


def tallies(arena: Arena) -> tuple[Tally, ...]:
    """What each endpoint's requests came to, over all workers, in the order of the plan.

    Raises:
        LayoutError: when a histogram's head is impossible.
    """
    times = {
        phase: [_merged(arena, offsets, bits) for offsets in arena.histogram_offsets(field).T]
        for phase, (field, bits) in _FIELD_AND_BITS.items()
    }
    return tuple(
        _tally(
            arena.slots["endpoints"][:, endpoint],
            {phase: histograms[endpoint] for phase, histograms in times.items()},
        )
        for endpoint in range(int(arena.control["endpoints"]))
    )


def times(arena: Arena, phase: Phase, endpoint: int | None = None) -> Histogram:
    """The times of a phase so far, over all workers.

    Args:
        arena: may be written to meanwhile.
        phase: which.
        endpoint: index in the plan; None is all endpoints together.

    Raises:
        LayoutError: when a histogram's head is impossible.
    """
    field, bits = _FIELD_AND_BITS[phase]
    offsets = arena.histogram_offsets(field)
    return _merged(arena, offsets if endpoint is None else offsets[:, endpoint], bits)


def counts(arena: Arena, endpoint: int, phases: Iterable[Phase]) -> Counts:
    """What an endpoint's requests came to so far, as the gate takes it.

    Args:
        arena: may be written to meanwhile.
        endpoint: index in the plan.
        phases: the times that are needed; each costs a merge over all workers.

    Raises:
        LayoutError: when a histogram's head is impossible.
    """
    stats = arena.slots["endpoints"][:, endpoint]
    failed, succeeded = _sum(stats["failed"]), _sum(stats["succeeded"])
    return Counts(
        finished=succeeded + failed,
        failed=failed,
        status_codes={**_status_codes(stats), STATUS_UNKNOWN: _sum(stats["checks"])},
        times={phase: times(arena, phase, endpoint) for phase in phases},
    )


def total(parts: Sequence[Tally]) -> Tally:
    """Endpoints together.

    Args:
        parts: at least one.
    """
    return Tally(
        sent=sum(part.sent for part in parts),
        succeeded=sum(part.succeeded for part in parts),
        failed=sum(part.failed for part in parts),
        in_flight_at_end=sum(part.in_flight_at_end for part in parts),
        dropped=sum(part.dropped for part in parts),
        late=sum(part.late for part in parts),
        reconnects=sum(part.reconnects for part in parts),
        surplus=sum(part.surplus for part in parts),
        connects=sum(part.connects for part in parts),
        bytes_sent=sum(part.bytes_sent for part in parts),
        bytes_received=sum(part.bytes_received for part in parts),
        status_codes=_added(part.status_codes for part in parts),
        errors=_added(part.errors for part in parts),
        times={phase: reduce(add, (part.times[phase] for part in parts)) for phase in Phase},
        followed=sum(part.followed for part in parts),
        failed_codes=_added(part.failed_codes for part in parts),
        checks=_added(part.checks for part in parts),
    )


def _tally(stats: npt.NDArray[np.void], times: Mapping[Phase, Histogram]) -> Tally:
    """One endpoint's, from its stats of each worker, shape (workers,)."""
    # Outcomes before sends, as in take.
    errors, status_codes = _errors(stats), _status_codes(stats)
    failed, succeeded = _sum(stats["failed"]), _sum(stats["succeeded"])
    sent = _sum(stats["sent"])
    return Tally(
        sent=sent,
        succeeded=succeeded,
        failed=failed,
        in_flight_at_end=sent - succeeded - failed,
        dropped=_sum(stats["dropped"]),
        late=_sum(stats["late"]),
        reconnects=_sum(stats["reconnects"]),
        surplus=_sum(stats["surplus"]),
        connects=_sum(stats["connects"]),
        bytes_sent=_sum(stats["bytes_sent"]),
        bytes_received=_sum(stats["bytes_received"]),
        status_codes=status_codes,
        errors=errors,
        times=times,
        followed=_sum(stats["followed"]),
        failed_codes=_failed_codes(stats),
        checks=_named(CHECK_KINDS, stats["checks"]),
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


def _merged(arena: Arena, offsets: npt.NDArray[np.uint64], bits: int) -> Histogram:
    """The histograms at these places together, as a value."""
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


def _sum(counters: npt.NDArray[np.uint64]) -> int:
    return int(counters.sum())


def _errors(stats: npt.NDArray[np.void]) -> dict[str, int]:
    """Failures by class, over workers (and endpoints); classes that occurred."""
    return _named(ERROR_CLASSES, stats["errors"])


def _status_codes(stats: npt.NDArray[np.void]) -> dict[int, int]:
    """Answers by status, over workers (and endpoints); codes that occurred."""
    return {code: n for code, n in enumerate(_over_all_but_last_axis(stats["status"])) if n}


def _failed_codes(stats: npt.NDArray[np.void]) -> dict[int, int]:
    """Answers that fail by their status alone; each endpoint says from which status on."""
    fails = np.arange(STATUS_CODES, dtype=np.uint64) >= stats["fails_from"][..., np.newaxis]
    counts = _over_all_but_last_axis(stats["status"] * fails)
    return {code: n for code, n in enumerate(counts) if n}


def _failures(errors: Mapping[str, int], failed_codes: Mapping[int, int]) -> dict[str, int]:
    return {**errors, **{f"http_{status}": count for status, count in failed_codes.items()}}


def _named(names: Sequence[str], counters: npt.NDArray[np.uint64]) -> dict[str, int]:
    """Counters by name, over workers (and endpoints); those that are not zero."""
    counts = _over_all_but_last_axis(counters)
    return {name: n for name, n in zip(names, counts, strict=True) if n}


def _over_all_but_last_axis(counters: npt.NDArray[np.uint64]) -> list[int]:
    sums: list[int] = counters.sum(axis=tuple(range(counters.ndim - 1))).tolist()
    return sums


def _added(counts: Iterable[Mapping[_Key, int]]) -> dict[_Key, int]:
    summed: Counter[_Key] = Counter()
    for part in counts:
        summed.update(part)
    return dict(summed)


def _max_ms(histogram: Histogram) -> float | None:
    return histogram.max_ns / 1e6 if histogram.n else None
