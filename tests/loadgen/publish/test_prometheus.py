"""Metrics by name, label and value, as prometheus_client's own parser reads them back."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from loadgen.measurement import EndpointResult, Measurement
from loadgen.publish.options import Grouping
from loadgen.publish.prometheus import BUCKETS_S, Series, instance
from slo.histogram import Histogram
from slo.metric import Phase
from tests.loadgen import samples
from tests.loadgen.publish.judgements import PASSED, UNDECIDED, VIOLATED, judged

FULL = samples.measurement()


def read(series: Series) -> dict[str, dict[tuple[str, ...], float]]:
    """Values by name and by the values of their labels, sorted by label."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(generate_latest(series).decode()):
        for sample in family.samples:
            labels = tuple(value for _, value in sorted(sample.labels.items()))
            assert labels not in found.setdefault(sample.name, {}), sample
            found[sample.name][labels] = sample.value
    return found


def test_the_guide_s_seven() -> None:
    seen = read(Series(measurement=judged(FULL, VIOLATED), finished=True))
    guide = {name: values[()] for name, values in seen.items() if name.startswith("loadtest_")}
    latency = FULL.total.latency
    assert guide == {
        "loadtest_latency_p50_ms": latency.p50_ms,
        "loadtest_latency_p95_ms": latency.p95_ms,
        "loadtest_latency_p99_ms": latency.p99_ms,
        "loadtest_throughput_rps": (15_760 - 3) / 15.0,
        "loadtest_error_rate_percent": pytest.approx(100 * (19 + 3) / 15_760),
        "loadtest_slo_passed": 0.0,
        "loadtest_slo_violations_count": 2.0,
    }


def test_a_run_that_meets_its_objectives_says_so() -> None:
    seen = read(Series(measurement=judged(FULL, PASSED)))
    assert seen["loadtest_slo_passed"] == {(): 1.0}
    assert seen["loadtest_slo_violations_count"] == {(): 0.0}


def test_undecided_is_not_passed() -> None:
    seen = read(Series(measurement=judged(FULL, UNDECIDED)))
    assert seen["loadtest_slo_passed"] == {(): 0.0}


def test_no_objectives_are_neither_met_nor_violated() -> None:
    assert not [name for name in read(Series(measurement=FULL)) if "slo" in name]


def test_nothing_is_said_of_what_was_not_measured() -> None:
    seen = read(Series(measurement=samples.empty_measurement()))
    assert not [name for name in seen if "latency" in name or "quantile" in name]
    assert "loadtest_error_rate_percent" not in seen
    assert seen["loadtest_throughput_rps"] == {(): 0.0}
    assert seen["loadgen_validity"] == {("VALID",): 0.0, ("SUSPECT",): 0.0, ("INVALID",): 1.0}


def of_values(values_s: list[float]) -> Measurement:
    times = Histogram.from_values(round(value_s * 1e9) for value_s in values_s)
    tally = dataclasses.replace(
        samples.tally(len(values_s), 1.0),
        times={**samples.tally(1, 1.0).times, Phase.LATENCY: times},
    )
    one = EndpointResult(name="/a", method="GET", path="/a", weight=1.0, tally=tally)
    return dataclasses.replace(FULL, endpoints=(one,), total=tally)


def test_buckets_count_what_is_at_most_their_bound() -> None:
    values_s = [0.0005, 0.002, 0.0021, 0.04, 0.3, 0.9, 45.0]
    seen = read(Series(measurement=of_values(values_s)))
    buckets = seen["loadgen_response_time_seconds_bucket"]
    expected = {
        ("/a", str(le)): float(sum(value_s <= le for value_s in values_s)) for le in BUCKETS_S
    }
    assert buckets == {**expected, ("/a", "+Inf"): 7.0}
    assert seen["loadgen_response_time_seconds_count"] == {("/a",): 7.0}
    assert seen["loadgen_response_time_seconds_sum"] == {("/a",): pytest.approx(sum(values_s))}


def test_quantiles_of_each_endpoint_and_of_all() -> None:
    seen = read(Series(measurement=FULL))["loadgen_response_time_quantile_seconds"]
    assert seen[("0.95",)] * 1e3 == pytest.approx(FULL.total.latency.p95_ms)
    for endpoint in FULL.endpoints:
        p99_ms = endpoint.tally.latency.p99_ms
        assert seen[(endpoint.name, "0.99")] * 1e3 == pytest.approx(p99_ms)


def test_counters_add_up_to_the_requests() -> None:
    seen = read(Series(measurement=FULL))
    requests = seen["loadgen_requests_total"]
    assert requests[("/api/orders", "failed")] == 19
    assert sum(requests.values()) == FULL.total.finished
    assert seen["loadgen_responses_total"][("/api/orders", "503")] == 6
    assert seen["loadgen_errors_total"] == {("timeout", "/api/analytics"): 3.0}
    assert sum(seen["loadgen_bytes_total"].values()) == (
        FULL.total.bytes_sent + FULL.total.bytes_received
    )


def test_the_generator_s_own_state() -> None:
    seen = read(Series(measurement=FULL, finished=True))
    assert seen["loadgen_validity"][("VALID",)] == 1.0
    assert seen["loadgen_own_lag_seconds"] == {
        ("0.5",): pytest.approx(0.6e-6),
        ("0.99",): pytest.approx(41.2e-6),
        ("1",): pytest.approx(1.87e-3),
    }
    assert seen["loadgen_worker_cpu_ratio"] == {
        ("0",): pytest.approx(0.342),
        ("1",): pytest.approx(0.36),
    }
    assert seen["loadgen_users"] == {(): 100.0}
    assert seen["loadgen_run_finished"] == {(): 1.0}
    assert read(Series(measurement=FULL))["loadgen_run_finished"] == {(): 0.0}


def test_cpu_and_memory_of_the_last_second() -> None:
    seen = read(Series(measurement=samples.watched(FULL)))
    assert seen["loadgen_cpu_ratio"] == {
        ("generator",): pytest.approx(0.75),
        ("target",): pytest.approx(1.5),
    }
    assert seen["loadgen_memory_bytes"] == {("generator",): 95 * 2**20, ("target",): 2.0**29}
    assert "loadgen_cpu_ratio" not in read(Series(measurement=FULL))


@pytest.mark.parametrize(
    ("grouping", "target", "expected"),
    [
        (Grouping.RUN, "http://localhost:8000", "loadtest-1234567890"),
        (Grouping.STABLE, "http://localhost:8000", "localhost:8000/staging"),
        (Grouping.STABLE, "https://me:secret@shop.example.com/api", "shop.example.com/staging"),
        (Grouping.STABLE, "http://old:80 + http://new:80", "old:80+new:80/staging"),
    ],
)
def test_the_instance_says_which_group(grouping: Grouping, target: str, expected: str) -> None:
    started_at = datetime(2009, 2, 13, 23, 31, 30, 900_000, tzinfo=UTC)
    run = dataclasses.replace(FULL.run, started_at=started_at, target=target)
    assert instance(dataclasses.replace(FULL, run=run), grouping) == expected
