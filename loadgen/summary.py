"""The few numbers that stand for a histogram, the same in every report and file. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slo.histogram import Histogram

__all__ = ["PERCENTILES", "Summary", "summarise"]

PERCENTILES: Mapping[str, float] = {
    "p50": 0.50,
    "p75": 0.75,
    "p90": 0.90,
    "p95": 0.95,
    "p99": 0.99,
    "p99_9": 0.999,
    "p99_99": 0.9999,
}
"""Name in the result file, and quantile; ascending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A distribution of times.

    Attributes:
        n: how many values.
        min_ms, mean_ms, max_ms: exact; None without values.
        percentiles_ms: by the names of PERCENTILES; None where fewer than five values
            lie beyond it.
    """

    n: int
    min_ms: float | None
    mean_ms: float | None
    percentiles_ms: Mapping[str, float | None]
    max_ms: float | None


def summarise(histogram: Histogram) -> Summary:
    """Sums a histogram up."""
    n, mean_ns = histogram.n, histogram.mean_ns
    percentiles_ms = histogram.percentiles_ms(tuple(PERCENTILES.values()))
    return Summary(
        n=n,
        min_ms=histogram.min_ns / 1e6 if n else None,
        mean_ms=mean_ns / 1e6 if mean_ns is not None else None,
        percentiles_ms=dict(zip(PERCENTILES, percentiles_ms, strict=True)),
        max_ms=histogram.max_ns / 1e6 if n else None,
    )
