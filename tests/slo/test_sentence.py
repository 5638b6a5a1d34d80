"""slo.sentence: the guide's sentences word for word, and the others in the same tone."""

from __future__ import annotations

import pytest

from slo.grammar import parse
from slo.metric import Unit
from slo.objective import Comparison
from slo.sentence import violation
from slo.verdict import Finding, Verdict


def sentence(
    text: str,
    observed: float | None,
    *,
    share_of: float | None = None,
    since_s: float | None = None,
    until_s: float = 0.0,
) -> str:
    """The sentence of a violated objective; share_of: judged by a share with this limit."""
    objective = parse(text)
    by_share = share_of is not None
    return violation(
        Finding(
            objective=objective,
            verdict=Verdict.FAIL,
            observed=observed,
            limit=objective.limit if share_of is None else share_of,
            comparison=Comparison.AT_MOST if by_share else objective.comparison,
            unit=Unit.PERCENT if by_share else objective.metric.unit,
            n=100,
            interval=None,
            since_s=since_s,
            until_s=until_s,
        )
    )


@pytest.mark.parametrize(
    ("text", "observed", "expected"),
    [
        # These three stand in the guide.
        ("p95 <= 250ms", 350.2, "P95 latency 350.2ms exceeds threshold 250ms"),
        ("error_rate <= 0.5%", 1.2, "Error rate 1.2% exceeds threshold 0.5%"),
        (
            "throughput >= 1000",
            850.5,
            "Throughput 850.5 req/sec below threshold 1000 req/sec",
        ),
        ("p50 <= 100ms", 123.456, "P50 latency 123.5ms exceeds threshold 100ms"),
        ("p99.9 < 2s", 2500, "P99.9 latency 2500.0ms exceeds threshold 2000ms"),
        ("p95 <= 250ms", 250.04, "P95 latency 250.04ms exceeds threshold 250ms"),
        ("p95 <= 250ms", 250.0000000001, "P95 latency 250.000000000ms exceeds threshold 250ms"),
        ("error_rate <= 0.1%", 0.15, "Error rate 0.15% exceeds threshold 0.1%"),
        ("error_rate <= 0%", 0.00123, "Error rate 0.0012% exceeds threshold 0%"),
        ("error_rate < 1%", 1.0, "Error rate 1.0% reaches threshold 1%"),
        ("throughput >= 1000", 999.96, "Throughput 999.96 req/sec below threshold 1000 req/sec"),
        ("throughput >= 9", 0.0, "Throughput 0.0 req/sec below threshold 9 req/sec"),
        ("throughput > 9", 9.0, "Throughput 9.0 req/sec only reaches threshold 9 req/sec"),
        ("status 5xx < 0.1%", 0.3, "Status 5xx rate 0.30% exceeds threshold 0.1%"),
        ("status 200 > 99%", 97.3, "Status 200 rate 97.3% below threshold 99%"),
        (
            "p95 of /api/orders < 1ms",
            2,
            "P95 latency of /api/orders 2.0ms exceeds threshold 1ms",
        ),
        ("ttfb p90 < 80ms", 95, "P90 time to first byte 95.0ms exceeds threshold 80ms"),
        ("schedule_lag p99 < 1ms", 1.5, "P99 schedule lag 1.5ms exceeds threshold 1ms"),
        ("service mean < 1ms", 1.5, "Mean service time 1.5ms exceeds threshold 1ms"),
        ("connect max < 1ms", 1.5, "Maximum connect time 1.5ms exceeds threshold 1ms"),
        ("tls p50 < 1ms", 1.5, "P50 TLS handshake 1.5ms exceeds threshold 1ms"),
    ],
)
def test_of_the_whole_run(text: str, observed: float, expected: str) -> None:
    assert sentence(text, observed) == expected


def test_of_a_sliding_window() -> None:
    assert sentence("error_rate < 1% within 30s", 3.4, until_s=75.0) == (
        "Error rate 3.4% exceeds threshold 1% within 30s (45s to 75s)"
    )
    assert sentence("p99 < 250ms within 1m", 3.2, share_of=1.0, until_s=60.0) == (
        "P99 latency exceeds threshold 250ms within 1m (0s to 60s): 3.2% of requests, 1% allowed"
    )


def test_of_seconds_in_a_row() -> None:
    assert sentence("p95 < 300ms for 1m", 61.0, since_s=20.0, until_s=81.0) == (
        "P95 latency exceeds threshold 300ms for 1m in a row (20s to 81s)"
    )
    assert sentence("throughput > 9 for 5s", 5.0, since_s=0.0, until_s=5.0) == (
        "Throughput stays below threshold 9 req/sec for 5s in a row (0s to 5s)"
    )
