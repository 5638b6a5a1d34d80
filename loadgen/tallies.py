"""What each endpoint's requests came to: tallies at the end, counts and times meanwhile.

All but `total` read the arena while its workers go on. Outcomes are read before sends, so that
there are never more of them than requests; sums close once every worker is DONE.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, TypeVar

from loadgen.arena import CHECK_KINDS
from loadgen.counters import (
    errors_of,
    failed_codes_of,
    failures_by_name,
    merged,
    named,
    status_codes_of,
    summed,
)
from loadgen.measurement import Tally
from slo.histogram import COARSE_BITS, FINE_BITS, Histogram
from slo.metric import Phase
from slo.sample import Counts

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from loadgen.arena import Arena

__all__ = ["STATUS_UNKNOWN", "counts", "failures_of", "tallies", "times", "total"]

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


def tallies(arena: Arena) -> tuple[Tally, ...]:
    """What each endpoint's requests came to, over all workers, in the order of the plan.

    Raises:
        LayoutError: when a histogram's head is impossible.
    """
    times = {
        phase: [merged(arena, offsets, bits) for offsets in arena.histogram_offsets(field).T]
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
    return merged(arena, offsets if endpoint is None else offsets[:, endpoint], bits)


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
    failed, succeeded = summed(stats["failed"]), summed(stats["succeeded"])
    return Counts(
        finished=succeeded + failed,
        failed=failed,
        status_codes={**status_codes_of(stats), STATUS_UNKNOWN: summed(stats["checks"])},
        times={phase: times(arena, phase, endpoint) for phase in phases},
    )


def failures_of(arena: Arena, endpoints: slice) -> dict[str, int]:
    """Failed requests of some endpoints so far, named as in `failures`.

    Args:
        arena: may be written to meanwhile.
        endpoints: a slice of those of the plan; picking them singly would copy their histograms.
    """
    stats = arena.slots["endpoints"][:, endpoints]
    return failures_by_name(errors_of(stats), failed_codes_of(stats))


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
    # Outcomes before sends.
    errors, status_codes = errors_of(stats), status_codes_of(stats)
    failed, succeeded = summed(stats["failed"]), summed(stats["succeeded"])
    sent = summed(stats["sent"])
    return Tally(
        sent=sent,
        succeeded=succeeded,
        failed=failed,
        in_flight_at_end=sent - succeeded - failed,
        dropped=summed(stats["dropped"]),
        late=summed(stats["late"]),
        reconnects=summed(stats["reconnects"]),
        surplus=summed(stats["surplus"]),
        connects=summed(stats["connects"]),
        bytes_sent=summed(stats["bytes_sent"]),
        bytes_received=summed(stats["bytes_received"]),
        status_codes=status_codes,
        errors=errors,
        times=times,
        followed=summed(stats["followed"]),
        failed_codes=failed_codes_of(stats),
        checks=named(CHECK_KINDS, stats["checks"]),
    )


def _added(counts: Iterable[Mapping[_Key, int]]) -> dict[_Key, int]:
    together: Counter[_Key] = Counter()
    for part in counts:
        together.update(part)
    return dict(together)
