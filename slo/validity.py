"""Can this measurement be trusted? Evidence about the generator in, a verdict out. Pure.

Not about the system under test: only about whether what was measured is the target and
not the load generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Evidence", "Health", "Validity", "judge"]


class Validity(StrEnum):
    """How far the numbers may be trusted, the best first."""

    VALID = "VALID"
    SUSPECT = "SUSPECT"
    INVALID = "INVALID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the generator knows about itself.

    Attributes:
        open_loop: requests were sent by a schedule.
        paced: users pause between requests, or arrivals are scheduled: there are due times to miss.
        planned_requests: open loop: arrivals intended in the measured time.
        sent: requests sent in the measured time.
        dropped: open loop: intended and never sent.
        measured_s: seconds.
        own_lag_p50_ms, own_lag_p99_ms, own_lag_max_ms: by how much the generator itself
            sent too late, waiting for a free connection not included; None without requests.
        worker_cpu_percent: per worker, of one core, spinning not included.
        run_delay_percent: per worker, time ready to run but not running (steal, other
            processes, a cgroup's quota), of the measured time.
        throttled_s: time for which the cgroup's quota stopped us; 0 without a quota.
        steal_percent: of the machine's CPU time.
        frozen_s: per worker, seconds for which it did not run at all although it was due.
        exact: precise pacing was asked for.
        connections_limited: every connection was busy while arrivals waited.
    """

    open_loop: bool
    paced: bool
    planned_requests: float
    sent: int
    dropped: int
    measured_s: float
    own_lag_p50_ms: float | None
    own_lag_p99_ms: float | None
    own_lag_max_ms: float | None
    worker_cpu_percent: tuple[float, ...]
    run_delay_percent: tuple[float, ...]
    throttled_s: float = 0.0
    steal_percent: float = 0.0
    frozen_s: tuple[float, ...] = ()
    exact: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The verdict on the measurement.

    Attributes:
        reasons: sentences, the gravest first; empty when VALID without remarks.
        notes: sentences that do not lower the verdict (for example: connections were the limit).
        offered_rps: what the plan asked for per second (open loop), else what was sent.
        achieved_rps: what was sent per second.
    """

    verdict: Validity
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    offered_rps: float
    achieved_rps: float
    evidence: Evidence
