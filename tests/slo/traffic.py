"""Samples for the tests of the gate: runs whose counts are written down, second by second."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from slo.histogram import COARSE_BITS, FINE_BITS, Histogram
from slo.metric import Phase
from slo.sample import Counts, Sample

__all__ = ["Traffic", "counts", "times"]


def times(milliseconds: Mapping[float, int], bits: int = FINE_BITS) -> Histogram:
    """A histogram with so many values of each time."""
    values = [round(ms * 1e6) for ms, count in milliseconds.items() for _ in range(count)]
    return Histogram.from_values(values, bits)


def counts(
    milliseconds: Mapping[float, int],
    *,
    failed: int = 0,
    status_codes: Mapping[int, int] | None = None,
) -> Counts:
    """Requests with these response times; unless said otherwise all are answered with 200."""
    latency = times(milliseconds)
    return Counts(
        finished=latency.n,
        failed=failed,
        status_codes={200: latency.n} if status_codes is None else status_codes,
        times={
            Phase.LATENCY: latency,
            Phase.TTFB: times(milliseconds, COARSE_BITS),
        },
    )


@dataclass(slots=True)
class Traffic:
    """A run that goes on: each second adds requests to all and to the endpoint /a."""

    t_s: float = 0.0
    so_far: dict[float, int] = field(default_factory=dict)
    failed: int = 0

    def second(
        self, milliseconds: Mapping[float, int], *, failed: int = 0, length_s: float = 1.0
    ) -> Sample:
        """The sample after one more second with these response times."""
        self.t_s += length_s
        self.failed += failed
        for ms, count in milliseconds.items():
            self.so_far[ms] = self.so_far.get(ms, 0) + count
        return self.sample()

    def sample(self) -> Sample:
        """The sample at this instant."""
        total = counts(self.so_far, failed=self.failed)
        return Sample(t_s=self.t_s, total=total, endpoints={"/a": total})

    def seconds(self, rows: Iterable[Mapping[float, int]], *, failed: int = 0) -> Iterator[Sample]:
        """A sample for each row."""
        for row in rows:
            yield self.second(row, failed=failed)
