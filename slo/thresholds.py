"""The guide's thresholds: five numbers, each an objective of the whole run. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from slo.metric import ErrorRate, Metric, Percentile, Throughput
from slo.objective import Comparison, Decide, Objective

__all__ = ["Thresholds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What a run is held against; None is no threshold. Values at a threshold hold it.

    Attributes:
        p50_ms, p95_ms, p99_ms: the most milliseconds of the response time's percentiles.
        error_rate_percent: the most failed requests.
        throughput_rps: the fewest answers per second.
    """

    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    error_rate_percent: float | None = None
    throughput_rps: float | None = None

    def overridden_by(self, other: Thresholds) -> Thresholds:
        """These, value by value replaced by those that the other gives."""
        values = ((field.name, getattr(other, field.name)) for field in fields(other))
        return replace(self, **{name: value for name, value in values if value is not None})

    def objectives(self, *, decide: Decide = Decide.POINT) -> tuple[Objective, ...]:
        """One objective per threshold that is given, in the order of the guide's report.

        Raises:
            ValueError: when a threshold is out of range.
        """
        rows: tuple[tuple[Metric, Comparison, float | None], ...] = (
            (Percentile(percent=50), Comparison.AT_MOST, self.p50_ms),
            (Percentile(percent=95), Comparison.AT_MOST, self.p95_ms),
            (Percentile(percent=99), Comparison.AT_MOST, self.p99_ms),
            (ErrorRate(), Comparison.AT_MOST, self.error_rate_percent),
            (Throughput(), Comparison.AT_LEAST, self.throughput_rps),
        )
        return tuple(
            Objective(metric=metric, comparison=comparison, limit=float(limit), decide=decide)
            for metric, comparison, limit in rows
            if limit is not None
        )
