"""slo.metric: what can be asked for, and what cannot."""

from __future__ import annotations

import pytest

from slo.histogram import Histogram
from slo.metric import (
    ErrorRate,
    Maximum,
    Mean,
    Metric,
    Percentile,
    Phase,
    StatusRate,
    Throughput,
    Unit,
)


@pytest.mark.parametrize(
    ("metric", "text", "unit"),
    [
        (Percentile(percent=99), "p99", Unit.MS),
        (Percentile(percent=99.9, phase=Phase.TTFB), "ttfb p99.9", Unit.MS),
        (Mean(), "mean", Unit.MS),
        (Mean(phase=Phase.LAG), "schedule_lag mean", Unit.MS),
        (Maximum(phase=Phase.CONNECT), "connect max", Unit.MS),
        (ErrorRate(), "error_rate", Unit.PERCENT),
        (StatusRate(first=500, last=599), "status 5xx", Unit.PERCENT),
        (StatusRate(first=200, last=200), "status 200", Unit.PERCENT),
        (Throughput(), "throughput", Unit.PER_S),
    ],
)
def test_text_and_unit(metric: Metric, text: str, unit: Unit) -> None:
    assert (metric.text, metric.unit) == (text, unit)


@pytest.mark.parametrize("percent", [0, -1, 100, float("nan")])
def test_no_percentile(percent: float) -> None:
    with pytest.raises(ValueError, match="is no percentile; expected more than 0"):
        Percentile(percent=percent)


@pytest.mark.parametrize(
    ("first", "last"), [(500, 510), (99, 99), (600, 699), (450, 549), (599, 500)]
)
def test_no_status(first: int, last: int) -> None:
    with pytest.raises(ValueError, match=r"expected one status such as 503"):
        StatusRate(first=first, last=last)


@pytest.mark.parametrize("percent", [50, 90, 95, 99, 99.9, 99.99, 99.999])
def test_the_smallest_sample_of_a_percentile_is_the_one_that_a_histogram_takes(
    percent: float,
) -> None:
    metric = Percentile(percent=percent)
    enough = Histogram.from_values([7] * metric.least_n)
    few = Histogram.from_values([7] * (metric.least_n - 1))
    assert (few.supports(metric.q), enough.supports(metric.q)) == (False, True)
