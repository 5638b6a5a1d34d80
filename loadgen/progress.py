"""What is known of a run while it goes on: one value a second, for displays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from loadgen.measurement import Second
from slo.verdict import Judgement

__all__ = ["Progress", "RunPhase"]


class RunPhase(StrEnum):
    """Where a run is."""

    CONNECTING = "connecting"
    WARM_UP = "warm-up"
    MEASURING = "measuring"
    DRAINING = "draining"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The state of a run at one instant.

    Attributes:
        elapsed_s: since the load began, 0 while connecting.
        total_s: planned seconds of load, warm-up included.
        second: the last whole second of load (in the warm-up: counts only, no percentiles);
            None before the first.
        p50_ms, p90_ms, p95_ms, p99_ms, max_ms: response times of the measured time so far.
        sent, succeeded, failed: of the measured time so far.
        errors: failures so far, by error class, and by "http_NNN" for answers that failed
            by their status.
        own_lag_p99_ms: by how much the generator itself sends too late, so far.
        worker_cpu_percent: per worker, of the last second, spinning not included.
        offered_rps: open loop: what the schedule asks for at this instant; else None.
        judgement: of the objectives so far; None without any, and before the measured time.
        notes: sentences that a person should read now: one of two sides is dead.
    """

    phase: RunPhase
    elapsed_s: float
    total_s: float
    second: Second | None
    p50_ms: float | None
    p90_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    sent: int
    succeeded: int
    failed: int
    errors: Mapping[str, int]
    own_lag_p99_ms: float | None
    worker_cpu_percent: tuple[float, ...]
    offered_rps: float | None
    users: int
    in_flight: int
    judgement: Judgement | None = None
    notes: tuple[str, ...] = ()
