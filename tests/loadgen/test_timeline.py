"""When seconds end, and what happened in each: pure."""

from __future__ import annotations

import dataclasses

import pytest

from loadgen import snapshot
from loadgen.arena import Arena
from loadgen.measurement import WarmUp
from loadgen.plan import Pattern, Plan
from loadgen.progress import RunPhase
from loadgen.snapshot import Snapshot
from loadgen.timeline import Timeline, Timing

S = 1_000_000_000


def _plan(duration_s: float, warmup_s: float = 0.0) -> Plan:
    return Plan(duration_s=duration_s, warmup_s=warmup_s, pattern=Pattern.RATE, rate_rps=50.0)


@pytest.mark.parametrize(
    ("duration_s", "warmup_s", "ends_s"),
    [
        (3.0, 0.0, [1, 2]),
        (2.5, 0.0, [1, 2]),
        (0.5, 0.0, []),
        (2.0, 2.0, [1, 2, 3]),
        (1.5, 1.25, [1, 1.25, 2.25]),
    ],
)
def test_all_seconds_but_the_last_end_at_a_boundary(
    duration_s: float, warmup_s: float, ends_s: list[float]
) -> None:
    timing = Timing.planned(_plan(duration_s, warmup_s), 7 * S)
    assert [(at_ns - 7 * S) / S for at_ns in timing.boundaries_ns()] == ends_s
    assert timing.measured_s == duration_s


def test_an_early_end_may_fall_into_the_warm_up() -> None:
    timing = Timing.planned(_plan(3.0, 2.0), 0)
    assert timing.ended(4 * S).measured_s == 2.0
    assert timing.ended(1 * S).measured_s == 0.0


def _snapshot(at_s: float, *, sent: int, warmup: int = 0) -> Snapshot:
    with Arena.create(workers=1, endpoints=1) as arena:
        nothing = snapshot.take(arena, round(at_s * S))
    return dataclasses.replace(
        nothing,
        sent=sent,
        succeeded=sent,
        warmup=WarmUp(sent=warmup, succeeded=warmup),
    )


def test_the_seconds_add_up_although_a_snapshot_is_always_a_moment_late() -> None:
    plan = _plan(2.0, 1.0)
    timeline = Timeline(plan=plan, timing=Timing.planned(plan, 0), first=_snapshot(0, sent=0))
    warm = timeline.add(_snapshot(1.01, sent=3, warmup=50), 1 * S)
    first = timeline.add(_snapshot(2.01, sent=52, warmup=50), 2 * S)
    final = _snapshot(3.2, sent=100, warmup=50)
    rows = timeline.finish(final)
    assert warm.phase is RunPhase.WARM_UP
    assert warm.second is not None
    assert warm.second.sent == 50
    assert first.phase is RunPhase.MEASURING
    assert first.offered_rps == 50.0
    assert [(row.t_s, row.sent) for row in rows] == [(1.0, 52), (2.0, 48)]
    draining = timeline.draining(final)
    assert draining.phase is RunPhase.DRAINING
    assert draining.elapsed_s == 3.0


def test_a_run_that_ended_in_its_warm_up_has_no_seconds() -> None:
    plan = _plan(2.0, 1.0)
    timing = Timing.planned(plan, 0).ended(S // 2)
    timeline = Timeline(plan=plan, timing=timing, first=_snapshot(0, sent=0))
    assert timeline.finish(_snapshot(0.5, sent=0, warmup=9)) == ()


def _busy(at_s: float, *, cpu_s: float, users: int, in_flight: int) -> Snapshot:
    """One worker that has used so much of its core."""
    idle = _snapshot(at_s, sent=0)
    (worker,) = idle.workers
    worker = dataclasses.replace(worker, cpu_ns=round(cpu_s * S))
    return dataclasses.replace(idle, workers=(worker,), users=users, in_flight=in_flight)


def test_cpu_time_and_gauges_of_a_second_are_its_own() -> None:
    """Not those of the warm-up before it, nor of the wait for the last answers after it."""
    plan = _plan(2.0, 1.0)
    first = _busy(0, cpu_s=0, users=0, in_flight=0)
    timeline = Timeline(plan=plan, timing=Timing.planned(plan, 0), first=first)
    warm = timeline.add(_busy(1, cpu_s=0.9, users=5, in_flight=1), 1 * S)
    timeline.add(_busy(2, cpu_s=1.2, users=6, in_flight=2), 2 * S)
    timeline.draining(_busy(3, cpu_s=1.3, users=0, in_flight=3))
    rows = timeline.finish(_busy(8, cpu_s=1.3, users=0, in_flight=0))
    assert warm.second is not None
    assert warm.second.worker_cpu_percent == pytest.approx((90.0,))
    assert [row.worker_cpu_percent[0] for row in rows] == pytest.approx([30.0, 10.0])
    assert [row.users for row in rows] == [6, 6]
    assert [row.in_flight for row in rows] == [2, 3]


def test_a_run_so_far_is_as_if_it_ended_there_and_goes_on() -> None:
    plan = _plan(3.0, 1.0)
    first = _busy(0, cpu_s=0, users=0, in_flight=0)
    timeline = Timeline(plan=plan, timing=Timing.planned(plan, 0), first=first)
    timeline.add(_busy(1, cpu_s=0.9, users=5, in_flight=1), 1 * S)
    timeline.add(_busy(2, cpu_s=1.2, users=6, in_flight=2), 2 * S)
    third = _busy(3, cpu_s=1.3, users=7, in_flight=4)
    so_far = timeline.ended_at(third, 3 * S)
    assert so_far.timing.measured_s == 2.0
    assert [row.t_s for row in so_far.finish(third)] == [1.0, 2.0]
    assert [row.worker_cpu_percent[0] for row in so_far.finish(third)] == pytest.approx([30, 10])
    assert so_far.finish(third)[-1].in_flight == 4
    timeline.add(third, 3 * S)
    rows = timeline.finish(_busy(4, cpu_s=1.3, users=0, in_flight=0))
    assert [row.t_s for row in rows] == [1.0, 2.0, 3.0]
