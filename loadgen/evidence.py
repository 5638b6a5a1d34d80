"""What the run says of the generator itself: from snapshots and kernel counters. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.plan import Pattern, Plan, Precision
from loadgen.snapshot import Snapshot, worker_cpu_percent
from slo.validity import Evidence

if TYPE_CHECKING:
    from loadgen.machine import Waits
    from slo.histogram import Histogram

__all__ = ["evidence", "is_paced"]


def is_paced(plan: Plan) -> bool:
    """True when there are due times to miss: arrivals, or users that pause."""
    longest_s = plan.pause_s[1] if plan.pattern is Pattern.BURST else plan.think_s[1]
    return plan.open_loop or longest_s > 0


def evidence(
    plan: Plan,
    *,
    opening: Snapshot,
    closing: Snapshot,
    final: Snapshot,
    waits: Waits,
    measured_s: float,
    slow_path: bool = False,
) -> Evidence:
    """The evidence about the measured time.

    Args:
        plan: what was to be done.
        opening: at the beginning of the measured time.
        closing: at its end.
        final: after the last answer.
        waits: what the kernel took from us in the measured time.
        measured_s: its length.
        slow_path: the load was done in Python, not by the C engine.
    """
    wall_ns = max(1.0, measured_s * 1e9)
    lag = final.own_lag
    return Evidence(
        open_loop=plan.open_loop,
        paced=is_paced(plan),
        planned_requests=(
            plan.schedule.area(plan.warmup_s + measured_s, plan.warmup_s) if plan.open_loop else 0.0
        ),
        sent=final.sent,
        dropped=final.dropped,
        dropped_busy=final.dropped_busy,
        waited=final.waited,
        held=final.held,
        cap_rps=plan.limits.max_rps,
        measured_s=measured_s,
        own_lag_p50_ms=_quantile_ms(lag, 0.50),
        own_lag_p99_ms=_quantile_ms(lag, 0.99),
        own_lag_max_ms=lag.max_ns / 1e6 if lag.n else None,
        response_p99_ms=final.response.p99_ms,
        worker_cpu_percent=worker_cpu_percent(opening, closing),
        run_delay_percent=tuple(100.0 * delay_ns / wall_ns for delay_ns in waits.run_delay_ns),
        throttled_s=waits.throttled_s,
        steal_percent=100.0 * waits.stolen_s / waits.machine_s if waits.machine_s > 0 else 0.0,
        frozen_s=tuple(
            (late.gaps_ns - early.gaps_ns) / 1e9
            for early, late in zip(opening.workers, final.workers, strict=True)
        ),
        exact=plan.precision is not Precision.CPU,
        slow_path=slow_path,
    )


def _quantile_ms(lag: Histogram, q: float) -> float | None:
    """Also of a sample too small to report it: a short run is judged as strictly."""
    value_ns = lag.quantile_ns(q)
    return None if value_ns is None else value_ns / 1e6
