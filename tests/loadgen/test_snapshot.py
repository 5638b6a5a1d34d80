"""loadgen.snapshot: what workers wrote comes out summed, differenced and closed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from loadgen import _merge
from loadgen.arena import Arena, WorkerState
from loadgen.measurement import Second, WarmUp
from loadgen.progress import Progress, RunPhase
from loadgen.snapshot import (
    Snapshot,
    failures,
    progress,
    second,
    take,
    warmup_second,
    worker_cpu_percent,
)
from loadgen.tallies import tallies
from slo.histogram import COARSE_BITS, Histogram
from tests.loadgen.written_arena import MS, count, record, same, untouched_arena


@pytest.fixture
def arena() -> Iterator[Arena]:
    """Two workers, two endpoints, untouched."""
    with untouched_arena() as arena:
        yield arena


def test_an_untouched_arena_is_a_snapshot_of_zeros(arena: Arena) -> None:
    snapshot = take(arena, 5)
    assert (snapshot.at_ns, snapshot.sent, snapshot.users) == (5, 0, 0)
    assert (snapshot.errors, snapshot.status_codes, snapshot.warmup) == ({}, {}, WarmUp())
    assert (snapshot.response.n, snapshot.own_lag.n) == (0, 0)
    assert [worker.state for worker in snapshot.workers] == [WorkerState.NEW] * 2


def test_counters_are_summed_over_workers_and_endpoints(arena: Arena) -> None:
    count(arena, 0, 0, sent=1, succeeded=10, failed=100, late=1000, dropped=7, timeout=3)
    count(arena, 0, 1, sent=2, succeeded=20, failed=200, late=2000, http_200=4, http_503=5)
    count(arena, 1, 0, sent=3, warmup_sent=40, warmup_succeeded=30, warmup_failed=9, timeout=6)
    count(arena, 1, 1, sent=4, connect_refused=2**40, http_200=6, http_100=1, http_599=2)
    arena.slots["users"] = [5, 6]
    arena.slots["in_flight"] = [7, 8]
    arena.slots["connections"] = [9, 10]
    snapshot = take(arena, 0)
    assert (snapshot.sent, snapshot.succeeded, snapshot.failed) == (10, 30, 300)
    assert (snapshot.late, snapshot.dropped) == (3000, 7)
    assert snapshot.errors == {"connect_refused": 2**40, "timeout": 9}
    assert snapshot.status_codes == {100: 1, 200: 10, 503: 5, 599: 2}
    assert snapshot.failed_codes == {503: 5, 599: 2}
    assert snapshot.warmup == WarmUp(sent=40, succeeded=30, failed=9)
    assert (snapshot.users, snapshot.in_flight, snapshot.connections) == (11, 15, 19)


def test_response_times_are_merged_over_workers_and_endpoints(arena: Arena) -> None:
    parts = {(0, 0): [MS, 2 * MS], (1, 0): [3 * MS], (1, 1): [900 * MS]}
    for (worker, endpoint), values in parts.items():
        record(arena, worker, endpoint, "response", values)
    expected = Histogram.from_values([MS, 2 * MS, 3 * MS, 900 * MS])
    assert same(take(arena, 0).response, expected)


def test_own_lag_is_merged_over_workers(arena: Arena) -> None:
    for offset, value in zip(arena.own_lag_offsets().tolist(), (10, 30), strict=True):
        _merge.init(arena.memory, offset, COARSE_BITS)
        _merge.record(arena.memory, offset, np.array([value], dtype=np.uint64))
    assert same(take(arena, 0).own_lag, Histogram.from_values([10, 30], COARSE_BITS))


def test_each_worker_is_sampled(arena: Arena) -> None:
    gauges = ("cpu_ns", "spin_ns", "alive_ns", "gap_ns", "gaps_ns")
    for number, name in enumerate(gauges):
        arena.slots[name] = [number, 10 + number]
    arena.slots["state"] = [WorkerState.RUNNING, WorkerState.DONE]
    first, last = take(arena, 0).workers
    assert (first.state, last.state) == (WorkerState.RUNNING, WorkerState.DONE)
    assert [getattr(first, name) for name in gauges] == [0, 1, 2, 3, 4]
    assert [getattr(last, name) for name in gauges] == [10, 11, 12, 13, 14]


def test_outcomes_never_outnumber_requests_while_a_worker_counts(arena: Arena) -> None:
    worker = (
        "import sys\n"
        "from loadgen.arena import Arena, WorkerState\n"
        "arena = Arena.attach(int(sys.argv[1]))\n"
        "stats = arena.slots['endpoints'][0, 0]\n"
        "arena.slots[0]['state'] = WorkerState.RUNNING\n"
        "while not arena.control['stop']:\n"
        "    for outcome in ('succeeded', 'failed'):\n"
        "        stats['sent'] += 1\n"
        "        stats[outcome] += 1\n"
    )
    command = [sys.executable, "-c", worker, str(arena.fd)]
    with subprocess.Popen(command, pass_fds=[arena.fd]) as process:
        try:
            while process.poll() is None and arena.slots["state"][0] != WorkerState.RUNNING:
                pass
            snapshots = [take(arena, 0) for _ in range(300)]
            in_flight = [tally.in_flight_at_end for _ in range(100) for tally in tallies(arena)]
        finally:
            arena.control["stop"] = 1
    assert process.returncode == 0
    assert snapshots[-1].sent > snapshots[0].sent
    assert all(s.succeeded + s.failed <= s.sent for s in snapshots)
    assert min(in_flight) >= 0


def test_a_second_is_the_difference_of_two_snapshots(arena: Arena) -> None:
    count(arena, 0, 0, sent=100, succeeded=90, failed=9, timeout=4, http_200=90, http_404=5)
    record(arena, 0, 0, "response", [9000 * MS] * 99)
    before = take(arena, 0)
    count(arena, 1, 1, sent=50, succeeded=30, failed=3, reset=1, http_404=2, http_200=30)
    record(arena, 1, 1, "response", [k * MS for k in range(1, 101)])
    arena.slots["users"] = [3, 4]
    arena.slots["in_flight"] = [1, 1]
    for offset, lags in zip(arena.own_lag_offsets().tolist(), ([60, 50], [40]), strict=True):
        _merge.init(arena.memory, offset, COARSE_BITS)
        _merge.record(arena.memory, offset, np.array(lags, dtype=np.uint64))
    result = second(before, take(arena, 0), t_s=2.0, cpu_percent=(30.0, 40.0))
    assert (result.t_s, result.sent, result.succeeded, result.failed) == (2.0, 50, 30, 3)
    assert (result.users, result.in_flight) == (7, 2)
    assert result.errors == {"reset": 1, "http_404": 2}
    assert result.p50_ms == pytest.approx(50, rel=0.0005)
    assert result.p95_ms == pytest.approx(95, rel=0.0005)
    assert result.p99_ms is None  # one answer lies beyond it
    assert result.max_ms == pytest.approx(100, rel=0.001)
    assert result.own_lag_p99_ms == pytest.approx(60e-6)  # of however few
    assert result.worker_cpu_percent == (30.0, 40.0)


def test_a_second_without_answers_has_no_times(arena: Arena) -> None:
    record(arena, 0, 0, "response", [MS])
    snapshot = take(arena, 0)
    assert second(snapshot, snapshot, t_s=1.0, cpu_percent=(0.0, 0.0)) == Second(
        t_s=1.0,
        sent=0,
        succeeded=0,
        failed=0,
        p50_ms=None,
        p95_ms=None,
        p99_ms=None,
        max_ms=None,
        users=0,
        in_flight=0,
        errors={},
        own_lag_p99_ms=None,
        worker_cpu_percent=(0.0, 0.0),
    )


def test_a_second_of_the_warm_up_counts_only_the_warm_up(arena: Arena) -> None:
    count(arena, 0, 0, warmup_sent=10, warmup_succeeded=8, warmup_failed=1)
    before = take(arena, 0)
    count(arena, 1, 1, warmup_sent=5, warmup_succeeded=4, warmup_failed=2)
    count(arena, 1, 1, sent=1000, succeeded=1000)
    arena.slots["users"] = [1, 1]
    arena.slots["cpu_ns"] = [250_000_000, 0]
    result = warmup_second(before, take(arena, 1_000_000_000), t_s=-1.0)
    assert (result.t_s, result.sent, result.succeeded, result.failed) == (-1.0, 5, 4, 2)
    assert (result.p50_ms, result.max_ms, result.errors, result.users) == (None, None, {}, 2)
    assert (result.own_lag_p99_ms, result.worker_cpu_percent) == (None, (25.0, 0.0))


@pytest.mark.parametrize(
    ("wall_ns", "cpu_ns", "spin_ns", "expected"),
    [
        (1_000_000_000, 800_000_000, 300_000_000, 50.0),
        (2_000_000_000, 800_000_000, 0, 40.0),
        (1_000_000_000, 100_000_000, 100_000_300, 0.0),  # sampled at slightly different times
        (0, 0, 0, 0.0),
    ],
)
def test_cpu_time_is_that_beyond_spinning(
    arena: Arena, wall_ns: int, cpu_ns: int, spin_ns: int, expected: float
) -> None:
    arena.slots["cpu_ns"] = [5, 7]
    arena.slots["spin_ns"] = [1, 2]
    before = take(arena, 1000)
    arena.slots["cpu_ns"][1] += cpu_ns
    arena.slots["spin_ns"][1] += spin_ns
    after = take(arena, 1000 + wall_ns)
    assert worker_cpu_percent(before, after) == pytest.approx((0.0, expected))


def test_failures_are_by_class_and_by_status(arena: Arena) -> None:
    count(arena, 0, 0, closed=2, http_200=9, http_301=3, http_399=1, http_400=4, http_500=5)
    assert failures(take(arena, 0)) == {"closed": 2, "http_400": 4, "http_500": 5}


def test_progress_tells_of_the_measured_time_so_far(arena: Arena) -> None:
    before = take(arena, 0)
    count(arena, 0, 0, sent=1001, succeeded=900, failed=100, http_503=100)
    record(arena, 0, 0, "response", [k * MS for k in range(1, 1001)])
    arena.slots["cpu_ns"] = [250_000_000, 0]
    arena.slots["users"] = [2, 1]
    arena.slots["in_flight"] = [1, 0]
    after = take(arena, 1_000_000_000)
    last = second(before, after, t_s=1.0, cpu_percent=(25.0, 0.0))
    result = progress(
        before,
        after,
        phase=RunPhase.MEASURING,
        elapsed_s=1.5,
        total_s=10.0,
        second=last,
        offered_rps=1000.0,
    )
    percentiles = (result.p50_ms, result.p90_ms, result.p95_ms, result.p99_ms)
    assert percentiles == pytest.approx((500, 900, 950, 990), rel=0.0005)
    assert result == Progress(
        phase=RunPhase.MEASURING,
        elapsed_s=1.5,
        total_s=10.0,
        second=last,
        p50_ms=percentiles[0],
        p90_ms=percentiles[1],
        p95_ms=percentiles[2],
        p99_ms=percentiles[3],
        max_ms=1000.0,
        sent=1001,
        succeeded=900,
        failed=100,
        errors={"http_503": 100},
        own_lag_p99_ms=None,
        worker_cpu_percent=(25.0, 0.0),
        offered_rps=1000.0,
        users=3,
        in_flight=1,
    )


def test_a_snapshot_does_not_change_with_the_arena(arena: Arena) -> None:
    record(arena, 0, 0, "response", [MS])
    snapshot: Snapshot = take(arena, 0)
    record(arena, 0, 0, "response", [MS])
    count(arena, 0, 0, sent=1)
    assert (snapshot.sent, snapshot.response.n) == (0, 1)
