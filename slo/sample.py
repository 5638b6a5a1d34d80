"""What a gate is fed each second, and the few numbers of it that an objective needs. Pure.

A percentile under a limit is a count: p99 < L says the same as "less than 1 % take L or
longer". So a window over a percentile needs no histograms of its own, only how many requests
there were and how many took L or longer, each second; and nothing is ever averaged.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

import numpy as np

from slo.histogram import COARSE_BITS, Histogram, bucket_mids_ns
from slo.metric import ErrorRate, Maximum, Mean, Percentile, Phase, StatusRate, Throughput
from slo.objective import Comparison

if TYPE_CHECKING:
    from slo.objective import Objective

__all__ = ["Counts", "Reading", "Sample", "first_breaking_ns", "read"]

NS_PER_MS = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What some requests came to since the measured time began: an endpoint's, or all.

    Attributes:
        finished: requests with an outcome.
        failed: those of them that failed.
        status_codes: answers by status.
        times: histograms by phase; a phase that is not measured may be missing.
    """

    finished: int
    failed: int
    status_codes: Mapping[int, int]
    times: Mapping[Phase, Histogram]

    @classmethod
    def none(cls) -> Counts:
        """Nothing happened yet."""
        return cls(finished=0, failed=0, status_codes={}, times={})

    @property
    def answered(self) -> int:
        """Answers of any status."""
        return sum(self.status_codes.values())

    def time(self, phase: Phase) -> Histogram:
        """The histogram of a phase; an empty one when it is not measured."""
        found = self.times.get(phase)
        return Histogram.empty(COARSE_BITS) if found is None else found

    def time_since(self, phase: Phase, earlier: Counts) -> Histogram:
        """The times of a phase that came after an earlier state of these counts."""
        before = earlier.times.get(phase)
        return self.time(phase) - before if before is not None else self.time(phase)

    def since(self, earlier: Counts) -> Counts:
        """What came after an earlier state of these counts."""
        return Counts(
            finished=self.finished - earlier.finished,
            failed=self.failed - earlier.failed,
            status_codes={
                status: count - earlier.status_codes.get(status, 0)
                for status, count in self.status_codes.items()
            },
            times={phase: self.time_since(phase, earlier) for phase in self.times},
        )

    def __add__(self, other: Counts) -> Counts:
        """The requests of both."""
        return Counts(
            finished=self.finished + other.finished,
            failed=self.failed + other.failed,
            status_codes={
                status: self.status_codes.get(status, 0) + other.status_codes.get(status, 0)
                for status in {**self.status_codes, **other.status_codes}
            },
            times={
                phase: self.times[phase] + other.times[phase]
                if phase in self.times and phase in other.times
                else self.times.get(phase, other.time(phase))
                for phase in {**self.times, **other.times}
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The state of a run at one instant; all counts go up from sample to sample.

    Attributes:
        t_s: measured seconds so far.
        total: all endpoints together.
        endpoints: by name.
    """

    t_s: float
    total: Counts
    endpoints: Mapping[str, Counts]

    def of(self, scope: str | None) -> Counts:
        """The counts of an endpoint, or of all when the scope is None."""
        return self.total if scope is None else self.endpoints.get(scope, Counts.none())


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one objective needs of a sample; the difference of two readings is a window.

    Attributes:
        t_s: measured seconds, or the length of a window.
        n: requests that count.
        part: of these, the failed ones, those of the status, those that break a percentile's
            limit; for a mean the sum of the times in ns; for a throughput n itself.
        squares: for a mean the sum of the squares in ns², else 0.
    """

    t_s: float
    n: int
    part: int
    squares: float = 0.0

    def since(self, earlier: Reading) -> Reading:
        """What came between two readings."""
        return Reading(
            t_s=self.t_s - earlier.t_s,
            n=self.n - earlier.n,
            part=self.part - earlier.part,
            squares=self.squares - earlier.squares,
        )


def read(objective: Objective, sample: Sample) -> Reading:
    """Reads off what an objective needs; about 0.1 ms.

    Args:
        objective: says what is looked at and where the limit is.
        sample: the run so far.
    """
    counts, metric = sample.of(objective.scope), objective.metric
    match metric:
        case Percentile() | Maximum():
            histogram = counts.time(metric.phase)
            part = histogram.count_from(first_breaking_ns(objective))
            return Reading(t_s=sample.t_s, n=histogram.n, part=part)
        case Mean():
            histogram = counts.time(metric.phase)
            return Reading(
                t_s=sample.t_s,
                n=histogram.n,
                part=histogram.sum_ns,
                squares=_squares_ns2(histogram),
            )
        case ErrorRate():
            return Reading(t_s=sample.t_s, n=counts.finished, part=counts.failed)
        case StatusRate():
            part = sum(
                count
                for status, count in counts.status_codes.items()
                if metric.first <= status <= metric.last
            )
            return Reading(t_s=sample.t_s, n=counts.answered, part=part)
        case Throughput():
            return Reading(t_s=sample.t_s, n=counts.answered, part=counts.answered)
        case _:
            assert_never(metric)


def first_breaking_ns(objective: Objective) -> int:
    """The shortest time that is on the wrong side of an objective's limit, in nanoseconds."""
    limit_ns = objective.limit * NS_PER_MS
    # 0.3 ms is 299999.99999999994 ns to a computer; a tenth of a nanosecond is nobody's limit.
    if objective.comparison is Comparison.BELOW:
        return math.ceil(limit_ns - 0.1)
    return math.floor(limit_ns + 0.1) + 1


def _squares_ns2(histogram: Histogram) -> float:
    mids_ns = bucket_mids_ns(histogram.bits).astype(np.float64)
    return float(np.dot(histogram.counts.astype(np.float64), mids_ns * mids_ns))
