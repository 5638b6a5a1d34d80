"""The seconds of a run put together, so that a day makes no larger page than an hour. Pure."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loadgen.measurement import Second

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Span", "condense"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Some seconds in a row.

    Attributes:
        length_s: from its beginning to its end.
        whole: counts of all its seconds; of times, gauges and shares the worst second's.
    """

    length_s: float
    whole: Second

    def per_second(self, n: int) -> float:
        """A count of the span as a rate."""
        return n / self.length_s


def condense(timeline: Sequence[Second], most: int) -> tuple[Span, ...]:
    """Puts as many seconds together as are needed for at most so many spans.

    Args:
        timeline: ascending in time.
        most: 1 or more.
    """
    step = max(1, math.ceil(len(timeline) / most))
    groups = [timeline[start : start + step] for start in range(0, len(timeline), step)]
    begins_s = [0.0, *(group[-1].t_s for group in groups)]
    return tuple(
        Span(length_s=group[-1].t_s - begin_s, whole=_together(group))
        for begin_s, group in zip(begins_s, groups, strict=False)
        if group[-1].t_s > begin_s
    )


def _together(seconds: Sequence[Second]) -> Second:
    if len(seconds) == 1:
        return seconds[0]
    errors: Counter[str] = Counter()
    for second in seconds:
        errors.update(second.errors)
    workers = zip(*(second.worker_cpu_percent for second in seconds), strict=True)
    return Second(
        t_s=seconds[-1].t_s,
        sent=sum(second.sent for second in seconds),
        succeeded=sum(second.succeeded for second in seconds),
        failed=sum(second.failed for second in seconds),
        p50_ms=_worst(second.p50_ms for second in seconds),
        p95_ms=_worst(second.p95_ms for second in seconds),
        p99_ms=_worst(second.p99_ms for second in seconds),
        max_ms=_worst(second.max_ms for second in seconds),
        users=max(second.users for second in seconds),
        in_flight=max(second.in_flight for second in seconds),
        errors=dict(errors),
        own_lag_p99_ms=_worst(second.own_lag_p99_ms for second in seconds),
        worker_cpu_percent=tuple(max(shares) for shares in workers),
    )


def _worst(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)
