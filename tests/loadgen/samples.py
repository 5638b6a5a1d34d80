"""Measurements and progress as a real run would give them, for tests of what people read."""

from __future__ import annotations

import dataclasses
import random
from datetime import UTC, datetime
from typing import Any

from loadgen.measurement import (
    EndpointResult,
    FailedAnswer,
    Measurement,
    ResourceSecond,
    RunInfo,
    Second,
    Tally,
    WarmUp,
)
from loadgen.progress import Progress, RunPhase
from slo.histogram import COARSE_BITS, FINE_BITS, Histogram
from slo.metric import Phase
from slo.validity import Evidence, judge

__all__ = [
    "SHOP",
    "empty_measurement",
    "empty_tally",
    "evidence",
    "measurement",
    "measurement_with_checks",
    "progress",
    "progress_of_a_run",
    "second",
    "tally",
    "total",
    "watched",
]

SHOP: tuple[tuple[str, float, float], ...] = (
    ("/api/health", 0.05, 4.0),
    ("/api/users", 0.25, 60.0),
    ("/api/orders", 0.30, 120.0),
    ("/api/products", 0.20, 80.0),
    ("/api/analytics", 0.10, 210.0),
    ("/api/search", 0.10, 150.0),
)
"""The guide's endpoints: path, weight, median response time in ms."""


def lognormal(n: int, median_ms: float, spread: float, seed: int, bits: int) -> Histogram:
    """So many times around a median, as servers have them."""
    draw = random.Random(seed)
    values_ns = (int(median_ms * 1e6 * draw.lognormvariate(0, spread)) for _ in range(n))
    return Histogram.from_values(values_ns, bits)


def tally(n: int, median_ms: float, *, failed: int = 0, timeouts: int = 0, seed: int = 1) -> Tally:
    """So many requests, of which `failed` answer 500 or 503 and `timeouts` not at all."""
    answered = n - timeouts
    busy = failed // 3
    status = {200: answered - failed, 500: failed - busy, 503: busy}
    connects = min(n, 17)
    return Tally(
        sent=n,
        succeeded=answered - failed,
        failed=failed + timeouts,
        in_flight_at_end=0,
        dropped=0,
        late=n // 1000,
        reconnects=0,
        surplus=0,
        connects=connects,
        bytes_sent=142 * n,
        bytes_received=1_840 * answered,
        status_codes={code: many for code, many in status.items() if many},
        failed_codes={code: status[code] for code in (500, 503) if status[code]},
        errors={"timeout": timeouts} if timeouts else {},
        times={
            Phase.LATENCY: lognormal(n, median_ms, 0.6, seed, FINE_BITS),
            Phase.SERVICE: lognormal(answered, median_ms * 0.99, 0.6, seed, COARSE_BITS),
            Phase.TTFB: lognormal(answered, median_ms * 0.97, 0.6, seed, COARSE_BITS),
            Phase.CONNECT: lognormal(connects, 0.31, 0.2, seed, COARSE_BITS),
            Phase.TLS: Histogram.empty(COARSE_BITS),
            Phase.LAG: lognormal(n, 0.0007, 1.4, seed, COARSE_BITS),
        },
    )


def empty_tally() -> Tally:
    """Nothing was sent."""
    nothing = {phase: Histogram.empty(COARSE_BITS) for phase in Phase}
    return dataclasses.replace(
        tally(1, 1.0), sent=0, succeeded=0, late=0, connects=0, bytes_sent=0, bytes_received=0,
        status_codes={}, failed_codes={},
        times={**nothing, Phase.LATENCY: Histogram.empty(FINE_BITS)},
    )  # fmt: skip


def total(tallies: list[Tally]) -> Tally:
    """The sum of tallies, written out once more so that it does not come from the code tested."""
    first, *others = tallies
    for other in others:
        first = Tally(
            **{
                field.name: _added(getattr(first, field.name), getattr(other, field.name))
                for field in dataclasses.fields(Tally)
            }
        )
    return first


def _added(one: Any, other: Any) -> Any:  # noqa: ANN401 - counts, histograms, mappings to them
    if not isinstance(one, dict):
        return one + other
    added = dict(one)
    for key, value in other.items():
        added[key] = added[key] + value if key in added else value
    return added


def evidence(sent: int, **changes: object) -> Evidence:
    """Two calm workers."""
    calm = Evidence(
        open_loop=False,
        paced=True,
        planned_requests=0.0,
        sent=sent,
        dropped=0,
        measured_s=15.0,
        own_lag_p50_ms=0.0006,
        own_lag_p99_ms=0.0412,
        own_lag_max_ms=1.87,
        response_p99_ms=400.0,
        worker_cpu_percent=(34.2, 36.0),
        run_delay_percent=(0.2, 0.1),
        frozen_s=(0.0, 0.0),
    )
    return dataclasses.replace(calm, **changes)  # type: ignore[arg-type]  # fields of any type


def measurement(*, requests: int = 15_760, **health: object) -> Measurement:
    """The shop under 100 users for 15 s; `health` changes fields of the Evidence."""
    endpoints = tuple(
        EndpointResult(
            name=path,
            method="GET",
            path=path,
            weight=weight,
            tally=tally(
                round(requests * weight),
                median_ms,
                failed=round(requests * weight * 0.004) if path == "/api/orders" else 0,
                timeouts=min(3, requests // 100) if path == "/api/analytics" else 0,
                seed=seed,
            ),
        )
        for seed, (path, weight, median_ms) in enumerate(SHOP)
    )
    whole = total([endpoint.tally for endpoint in endpoints])
    return Measurement(
        run=RunInfo(
            id="20250127T103000Z-3f2a91",
            target="http://localhost:8000",
            pattern="sustained",
            environment="staging",
            seed=42,
            plan_hash="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            started_at=datetime(2025, 1, 27, 10, 30, tzinfo=UTC),
            duration_s=15.0,
            planned_s=15.0,
            warmup_s=2.0,
            workers=2,
            users=100,
            open_loop=bool(health.get("open_loop", False)),
        ),
        health=judge(evidence(whole.sent, **health)),
        total=whole,
        endpoints=endpoints,
        timeline=tuple(second(t_s) for t_s in range(1, 16)),
        warmup=WarmUp(sent=2_012, succeeded=2_010, failed=2),
    )


def measurement_with_checks() -> Measurement:
    """A run in which answers failed their checks, and one of them is hostile to reports."""
    full = measurement(requests=1_000)
    worse = dataclasses.replace(
        full.total,
        succeeded=full.total.succeeded - 5,
        failed=full.total.failed + 5,
        errors={**full.total.errors, "check": 5},
        checks={"body_lacks": 4, "status": 1},
        status_codes={**full.total.status_codes, 200: full.total.status_codes[200] - 5},
        followed=7,
    )
    answers = (
        FailedAnswer(
            endpoint="/api/users",
            status=200,
            check="body_lacks",
            reason="body does not contain '\"ok\": true'",
            body="<b>`oops`|</b> <script>alert(1)</script>\\n",
            body_bytes=2_048,
        ),
        FailedAnswer(
            endpoint="/api/orders",
            status=503,
            check="status",
            reason="status 503 is not in 200, 300-399",
            body="",
            body_bytes=0,
        ),
    )
    return dataclasses.replace(full, total=worse, failed_answers=answers)


def empty_measurement() -> Measurement:
    """A run in which nothing was sent: a worker died in the warm-up."""
    full = measurement(requests=100)
    return dataclasses.replace(
        full,
        run=dataclasses.replace(full.run, duration_s=0.0, failure="worker 1 was killed by SIGKILL"),
        health=judge(evidence(0, measured_s=0.0, own_lag_p50_ms=None, own_lag_p99_ms=None,
                              own_lag_max_ms=None, response_p99_ms=None)),
        total=empty_tally(),
        endpoints=(dataclasses.replace(full.endpoints[0], tally=empty_tally()),),
        timeline=(),
        warmup=WarmUp(),
    )  # fmt: skip


def watched(measurement: Measurement) -> Measurement:
    """The same run with CPU and memory: the generator's in each second, the target's from 2 on."""
    resources = tuple(
        ResourceSecond(
            t_s=float(t_s),
            generator_cpu_percent=60.0 + t_s,
            generator_memory_bytes=(80 + t_s) * 2**20,
            target_cpu_percent=150.0 if t_s > 1 else None,
            target_memory_bytes=2**29 if t_s > 1 else None,
        )
        for t_s in range(1, 1 + len(measurement.timeline))
    )
    return dataclasses.replace(measurement, resources=resources)


def second(t_s: int, *, succeeded: int = 1_046, failed: int = 2) -> Second:
    """A second of a calm run."""
    return Second(
        t_s=float(t_s),
        sent=succeeded + failed + t_s % 3,
        succeeded=succeeded,
        failed=failed,
        p50_ms=95.4,
        p95_ms=245.2,
        p99_ms=398.7,
        max_ms=812.0,
        users=100,
        in_flight=97,
        errors={"timeout": failed} if failed else {},
        own_lag_p99_ms=0.041,
        worker_cpu_percent=(34.2, 36.0),
    )


def progress(elapsed_s: float = 128.0, *, total_s: float = 300.0, **changes: object) -> Progress:
    """A run under way."""
    calm = Progress(
        phase=RunPhase.MEASURING,
        elapsed_s=elapsed_s,
        total_s=total_s,
        second=second(int(elapsed_s)),
        p50_ms=95.1,
        p90_ms=183.0,
        p95_ms=244.0,
        p99_ms=398.2,
        max_ms=1_204.0,
        sent=134_310,
        succeeded=134_140,
        failed=73,
        errors={"http_500": 52, "timeout": 21},
        own_lag_p99_ms=0.041,
        worker_cpu_percent=(34.0, 36.4),
        offered_rps=None,
        users=100,
        in_flight=97,
    )
    return dataclasses.replace(calm, **changes)  # type: ignore[arg-type]  # fields of any type


def progress_of_a_run(total_s: int, *, rate: int = 1_000) -> list[Progress]:
    """One progress a second: connecting, one second of warm-up, measuring, draining."""
    rates = [rate + 37 * (t % 7) - 19 * (t % 5) for t in range(1, total_s + 1)]
    measuring = [
        progress(
            float(t),
            total_s=float(total_s),
            phase=RunPhase.WARM_UP if t == 1 else RunPhase.MEASURING,
            second=second(t, succeeded=rates[t - 1]),
            sent=sum(rates[:t]) + 2 * t,
            succeeded=sum(rates[:t]),
            failed=2 * t,
        )
        for t in range(1, total_s + 1)
    ]
    first, last = measuring[0], measuring[-1]
    return [
        dataclasses.replace(first, phase=RunPhase.CONNECTING, elapsed_s=0.0, second=None),
        *measuring,
        dataclasses.replace(last, phase=RunPhase.DRAINING),
    ]
