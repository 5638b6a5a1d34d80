"""What snapshots and kernel counters say of the generator itself: pure."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from loadgen import snapshot
from loadgen.arena import Arena
from loadgen.evidence import evidence, is_paced
from loadgen.machine import Waits
from loadgen.plan import Pattern, Plan, Precision
from loadgen.snapshot import Snapshot
from slo.histogram import COARSE_BITS, Histogram

S = 1_000_000_000
WAITS = Waits(run_delay_ns=(500_000_000,), throttled_s=0.25, stolen_s=1.0, machine_s=50.0)


def _snapshot(at_ns: int, cpu_ns: int, spin_ns: int, gaps_ns: int = 0) -> Snapshot:
    with Arena.create(workers=1, endpoints=1) as arena:
        arena.slots["cpu_ns"] = cpu_ns
        arena.slots["spin_ns"] = spin_ns
        arena.slots["gaps_ns"] = gaps_ns
        return snapshot.take(arena, at_ns)


@pytest.mark.parametrize(
    ("plan", "paced"),
    [
        (Plan(), True),
        (Plan(think_s=(0, 0)), False),
        (Plan(pattern=Pattern.RATE), True),
        (Plan(pattern=Pattern.BURST, think_s=(0, 0)), True),
        (Plan(pattern=Pattern.BURST, pause_s=(0, 0)), False),
    ],
)
def test_due_times_exist_where_something_pauses_or_arrives(plan: Plan, paced: bool) -> None:
    assert is_paced(plan) is paced


def test_spinning_is_not_load_and_only_the_measured_time_counts() -> None:
    lags = np.full(100, 2_000_000, dtype=np.uint64)
    final = dataclasses.replace(
        _snapshot(6 * S, cpu_ns=4 * S, spin_ns=2 * S, gaps_ns=300_000_000),
        sent=480,
        dropped=20,
        dropped_busy=15,
        waited=40,
        own_lag=Histogram.from_values(lags, bits=COARSE_BITS),
    )
    found = evidence(
        Plan(pattern=Pattern.RATE, rate_rps=100.0, warmup_s=1.0, precision=Precision.CPU),
        opening=_snapshot(1 * S, cpu_ns=1 * S, spin_ns=S // 2, gaps_ns=100_000_000),
        closing=_snapshot(6 * S, cpu_ns=4 * S, spin_ns=2 * S),
        final=final,
        waits=WAITS,
        measured_s=5.0,
    )
    assert found.planned_requests == pytest.approx(500)
    assert (found.sent, found.dropped, found.dropped_busy, found.waited) == (480, 20, 15, 40)
    assert list(found.worker_cpu_percent) == pytest.approx([30.0])
    assert list(found.run_delay_percent) == pytest.approx([10.0])
    assert found.steal_percent == pytest.approx(2.0)
    assert found.throttled_s == 0.25
    assert list(found.frozen_s) == pytest.approx([0.2])
    assert found.own_lag_p99_ms == pytest.approx(2.0, rel=0.02)
    assert found.own_lag_max_ms == pytest.approx(2.0)
    assert not found.exact


def test_without_requests_there_is_no_lag_and_no_plan() -> None:
    nothing = _snapshot(0, cpu_ns=0, spin_ns=0)
    found = evidence(
        Plan(), opening=nothing, closing=nothing, final=nothing, waits=WAITS, measured_s=0.0
    )
    assert found.own_lag_p50_ms is found.own_lag_max_ms is None
    assert found.planned_requests == 0
    assert found.worker_cpu_percent == (0.0,)
