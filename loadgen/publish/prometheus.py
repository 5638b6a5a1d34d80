"""A measurement as Prometheus metrics: the guide's seven, and a native series per endpoint. Pure.

Names, labels and units are a contract with dashboards; docs/publishing.md lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)

from loadgen.publish.options import Grouping
from slo.validity import Validity
from slo.verdict import Verdict

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from loadgen.measurement import Measurement, Tally
    from slo.histogram import Histogram

__all__ = ["BUCKETS_S", "Series", "instance"]

BUCKETS_S = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1),
    *(0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)
"""Upper bounds (`le`) of the response time's buckets, in seconds."""
QUANTILES = {"0.5": 0.5, "0.9": 0.9, "0.95": 0.95, "0.99": 0.99, "0.999": 0.999}
NS_PER_S = 1e9
MS_PER_S = 1e3


def instance(measurement: Measurement, grouping: Grouping) -> str:
    """The label `instance`: "loadtest-1737973800", or "shop.example.com:443/staging"."""
    run = measurement.run
    if grouping is Grouping.RUN:
        return f"loadtest-{int(run.started_at.timestamp())}"
    hosts = (urlsplit(url).netloc.rpartition("@")[2] or url for url in run.target.split(" + "))
    return f"{'+'.join(hosts)}/{run.environment}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The metrics of one instant of a run; a collector of prometheus_client.

    Attributes:
        measurement: so far, or in the end; its verdict is there in the end only.
        finished: the run is over.
    """

    measurement: Measurement
    finished: bool = False

    def collect(self) -> Iterator[Metric]:
        """Every family that has a value; a percentile that the sample does not support has none."""
        families = (
            *_guide(self.measurement),
            *_run(self.measurement, finished=self.finished),
            *_generator(self.measurement),
            *_counters(self.measurement),
            *_response_times(self.measurement),
            *_resources(self.measurement),
        )
        return (family for family in families if family.samples)


def _guide(m: Measurement) -> Iterator[Metric]:
    """The names that the guide promises; its labels are the group's."""
    latency = m.total.latency
    yield _plain("loadtest_latency_p50_ms", "Median response time.", latency.p50_ms)
    yield _plain("loadtest_latency_p95_ms", "95th percentile of it.", latency.p95_ms)
    yield _plain("loadtest_latency_p99_ms", "99th percentile of it.", latency.p99_ms)
    yield _plain("loadtest_throughput_rps", "Answers of any status a second.", m.throughput_rps)
    yield _plain(
        "loadtest_error_rate_percent", "Failed of finished requests.", m.total.error_rate_percent
    )
    passed = count = None
    if m.slo is not None:
        passed = float(m.slo.verdict is Verdict.PASS)
        count = float(len(m.slo.violations))
    yield _plain("loadtest_slo_passed", "1: every objective is met.", passed)
    yield _plain("loadtest_slo_violations_count", "Objectives that are violated.", count)


def _run(m: Measurement, *, finished: bool) -> Iterator[Metric]:
    info = {
        "run": m.run.id,
        "target": m.run.target,
        "environment": m.run.environment,
        "pattern": m.run.pattern,
    }
    yield _labelled("loadgen_run_info", "Which run this is.", [(info, 1.0)])
    yield _plain("loadgen_run_finished", "1: over, 0: still running.", float(finished))
    yield _plain(
        "loadgen_run_start_time_seconds", "Unix time.", round(m.run.started_at.timestamp(), 3)
    )
    yield _plain("loadgen_measured_seconds", "Length of the measured time.", m.run.duration_s)
    last = m.timeline[-1] if m.timeline else None
    yield _plain("loadgen_users", "Virtual users at work.", float(last.users) if last else None)


def _generator(m: Measurement) -> Iterator[Metric]:
    """Whether the numbers are about the target at all."""
    found = m.health.evidence
    yield _labelled(
        "loadgen_validity",
        "1 beside the verdict on the generator.",
        [({"verdict": each.value}, float(each is m.health.verdict)) for each in Validity],
    )
    yield _labelled(
        "loadgen_own_lag_seconds",
        "By how much the generator itself sent too late.",
        [
            ({"quantile": quantile}, value_ms / MS_PER_S)
            for quantile, value_ms in (
                ("0.5", found.own_lag_p50_ms),
                ("0.99", found.own_lag_p99_ms),
                ("1", found.own_lag_max_ms),
            )
            if value_ms is not None
        ],
    )
    yield _labelled(
        "loadgen_worker_cpu_ratio",
        "CPU time of a worker, of one core, spinning not included.",
        [
            ({"worker": str(worker)}, percent / 100)
            for worker, percent in enumerate(found.worker_cpu_percent)
        ],
    )
    yield _plain("loadgen_offered_rps", "Requests a second asked for.", m.health.offered_rps)
    yield _plain("loadgen_achieved_rps", "Requests a second sent.", m.health.achieved_rps)


def _counters(m: Measurement) -> Iterator[Metric]:
    yield _counted(
        "loadgen_requests",
        "Requests with an outcome.",
        _each(m, lambda tally: {"succeeded": tally.succeeded, "failed": tally.failed}, "outcome"),
    )
    yield _counted(
        "loadgen_responses",
        "Answers by status.",
        _each(m, lambda tally: {str(code): n for code, n in tally.status_codes.items()}, "status"),
    )
    yield _counted(
        "loadgen_errors", "Failures without a usable answer.", _each(m, lambda t: t.errors, "class")
    )
    yield _counted(
        "loadgen_unpunctual",
        "Requests sent more than 1 ms late, and intended ones never sent.",
        _each(m, lambda tally: {"late": tally.late, "dropped": tally.dropped}, "how"),
    )
    yield _counted(
        "loadgen_bytes",
        "Bytes on the wire, headers included.",
        _each(m, lambda t: {"sent": t.bytes_sent, "received": t.bytes_received}, "direction"),
    )
    yield _labelled(
        "loadgen_in_flight",
        "Requests under way.",
        [({"endpoint": one.name}, one.tally.in_flight_at_end) for one in m.endpoints],
    )


def _each(
    m: Measurement, counts: Callable[[Tally], Mapping[str, int]], label: str
) -> Iterator[tuple[dict[str, str], int]]:
    """Counts of every endpoint with their labels."""
    for endpoint in m.endpoints:
        for name, n in sorted(counts(endpoint.tally).items()):
            yield {"endpoint": endpoint.name, label: name}, n


def _response_times(m: Measurement) -> Iterator[Metric]:
    histogram = HistogramMetricFamily(
        "loadgen_response_time_seconds",
        "From when a request was due to the end of its answer.",
        labels=["endpoint"],
    )
    for endpoint in m.endpoints:
        times = endpoint.tally.latency
        histogram.add_metric([endpoint.name], _buckets(times), times.sum_ns / NS_PER_S)
    yield histogram
    yield _labelled(
        "loadgen_response_time_quantile_seconds",
        "Exact quantiles; without the label endpoint: of all requests.",
        [
            *_quantiles({}, m.total.latency),
            *(
                pair
                for one in m.endpoints
                for pair in _quantiles({"endpoint": one.name}, one.tally.latency)
            ),
        ],
    )


def _buckets(times: Histogram) -> list[tuple[str, float]]:
    n = times.n
    below = ((str(le), n - times.count_from(int(le * NS_PER_S) + 1)) for le in BUCKETS_S)
    return [*below, ("+Inf", n)]


def _quantiles(
    labels: Mapping[str, str], times: Histogram
) -> Iterator[tuple[dict[str, str], float]]:
    values_ms = times.percentiles_ms(tuple(QUANTILES.values()))
    for quantile, value_ms in zip(QUANTILES, values_ms, strict=True):
        if value_ms is not None:
            yield {**labels, "quantile": quantile}, value_ms / MS_PER_S


def _resources(m: Measurement) -> Iterator[Metric]:
    """The last second's."""
    last = m.resources[-1:]
    pairs = [
        (who, cpu_percent, memory_bytes)
        for one in last
        for who, cpu_percent, memory_bytes in (
            ("generator", one.generator_cpu_percent, one.generator_memory_bytes),
            ("target", one.target_cpu_percent, one.target_memory_bytes),
        )
    ]
    yield _labelled(
        "loadgen_cpu_ratio",
        "CPU time of all processes, of one core.",
        [({"of": who}, percent / 100) for who, percent, _ in pairs if percent is not None],
    )
    yield _labelled(
        "loadgen_memory_bytes",
        "Resident memory of all processes.",
        [({"of": who}, size) for who, _, size in pairs if size is not None],
    )


def _plain(name: str, meaning: str, value: float | None) -> Metric:
    """A gauge without labels; without a sample when there is no value."""
    family = GaugeMetricFamily(name, meaning)
    if value is not None:
        family.add_metric([], value)
    return family


def _labelled(
    name: str, meaning: str, samples: Iterable[tuple[Mapping[str, str], float]]
) -> Metric:
    family = GaugeMetricFamily(name, meaning)
    for labels, value in samples:
        family.add_sample(name, dict(labels), value)
    return family


def _counted(name: str, meaning: str, samples: Iterable[tuple[Mapping[str, str], int]]) -> Metric:
    family = CounterMetricFamily(name, meaning)
    for labels, n in samples:
        family.add_sample(f"{name}_total", dict(labels), n)
    return family
