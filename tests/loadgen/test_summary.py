"""A histogram in a few numbers."""

from __future__ import annotations

import pytest

from loadgen.summary import PERCENTILES, summarise
from slo.histogram import FINE_BITS, Histogram


def test_a_thousand_even_values() -> None:
    """1 to 1,000 ms: each percentile is known; p99.9 has one value beyond it and says nothing."""
    summary = summarise(Histogram.from_values(ms * 1_000_000 for ms in range(1, 1001)))
    assert summary.n == 1000
    assert (summary.min_ms, summary.mean_ms, summary.max_ms) == (1.0, 500.5, 1000.0)
    expected = {"p50": 500, "p75": 750, "p90": 900, "p95": 950, "p99": 990}
    for name, value_ms in expected.items():
        assert summary.percentiles_ms[name] == pytest.approx(value_ms, rel=0.001)
    assert summary.percentiles_ms["p99_9"] is None
    assert summary.percentiles_ms["p99_99"] is None


def test_nothing_is_not_zero() -> None:
    summary = summarise(Histogram.empty(FINE_BITS))
    assert summary.n == 0
    assert {summary.min_ms, summary.mean_ms, summary.max_ms} == {None}
    assert summary.percentiles_ms == dict.fromkeys(PERCENTILES)
