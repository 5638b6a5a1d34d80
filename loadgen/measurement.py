"""What a run measured: one value, from which every report, verdict and file is made.

Pure: built from snapshots of shared memory (see `loadgen.snapshot`), never changed.
Names and units are those of the result file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from loadgen.consequence import BaselineResult, RollbackOutcome
from slo.histogram import Histogram
from slo.metric import Phase
from slo.validity import Health
from slo.verdict import Judgement

__all__ = [
    "EndpointResult",
    "FailedAnswer",
    "Measurement",
    "ResourceSecond",
    "RunInfo",
    "Second",
    "Tally",
    "WarmUp",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """Which run this was.

    Attributes:
        id: unique, sorts by time: 20261124T201351Z-3f2a91.
        plan_hash: SHA-256 of the normalised plan.
        started_at: UTC, when the load began.
        duration_s: measured seconds as they were (shorter than planned when ended early).
        planned_s: measured seconds as planned.
        warmup_s: seconds of load before them.
        workers: processes.
        users: the most virtual users (0: open loop).
        open_loop: requests were sent by a schedule of arrivals, not by users.
        interrupted: ended early by the user.
        failure: why the run could not be done as planned (a worker died); "" when it was.
        stopped: why the gate ended the run before its time; "" when it did not.
    """

    id: str
    target: str
    pattern: str
    environment: str
    seed: int
    plan_hash: str
    started_at: datetime
    duration_s: float
    planned_s: float
    warmup_s: float
    workers: int
    users: int
    open_loop: bool
    interrupted: bool = False
    failure: str = ""
    stopped: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Counts and times of some requests: of an endpoint, or of all.

    sent = succeeded + failed + in_flight_at_end.
    failed = sum(errors) + sum(failed_codes).

    Attributes:
        followed: redirects: requests that the server saw besides `sent` and `reconnects`.
        status_codes: answers by status; one that failed its check is an error instead.
        failed_codes: of those, the answers that fail by their status alone.
        checks: what errors of class "check" failed, by kind.
    """

    sent: int
    succeeded: int
    failed: int
    in_flight_at_end: int
    dropped: int
    late: int
    reconnects: int
    surplus: int
    connects: int
    bytes_sent: int
    bytes_received: int
    status_codes: Mapping[int, int]
    errors: Mapping[str, int]
    times: Mapping[Phase, Histogram]
    followed: int = 0
    failed_codes: Mapping[int, int] = field(default_factory=dict)
    checks: Mapping[str, int] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        """Answers received, of any status, whether they passed their check or not."""
        return sum(self.status_codes.values()) + sum(self.checks.values())

    @property
    def finished(self) -> int:
        """Requests with an outcome."""
        return self.succeeded + self.failed

    @property
    def error_rate_percent(self) -> float | None:
        """Failed of finished; None when nothing finished."""
        return 100.0 * self.failed / self.finished if self.finished else None

    @property
    def latency(self) -> Histogram:
        """Response times."""
        return self.times[Phase.LATENCY]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointResult:
    """One endpoint's part.

    Attributes:
        name: unique among those of its target.
        weight: share of the traffic, 0..1.
        target: index of the plan's targets; 1 only where there are several.
    """

    name: str
    method: str
    path: str
    weight: float
    tally: Tally
    target: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedAnswer:
    """An answer that failed its check, kept so that a person can see why.

    Attributes:
        endpoint: its name.
        check: of loadgen.arena.CHECK_KINDS.
        reason: the same in words.
        body: its beginning as printable text, at most 1 KiB of it, secrets struck out.
        body_bytes: size of the whole body.
    """

    endpoint: str
    status: int
    check: str
    reason: str
    body: str
    body_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """One second of the measured time.

    Attributes:
        t_s: its end, since the measured time began.
        p50_ms, p95_ms, p99_ms, max_ms: of the response times that ended in it; None without any.
        users: active at its end. in_flight: at its end.
        errors: failures of this second by class.
        own_lag_p99_ms: by how much the generator itself sent too late, of however few
            requests; None without any, and in the warm-up.
        worker_cpu_percent: per worker, of one core, spinning not included.
    """

    t_s: float
    sent: int
    succeeded: int
    failed: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    users: int
    in_flight: int
    errors: Mapping[str, int]
    own_lag_p99_ms: float | None
    worker_cpu_percent: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceSecond:
    """What the generator and the target used in one second; None where nobody could tell.

    Attributes:
        t_s: its end, since the measured time began.
        generator_cpu_percent: workers and coordinator together, of one core, spinning included.
        generator_memory_bytes: resident in each of them; pages that they share count each time.
        target_cpu_percent, target_memory_bytes: of what was watched beside the run.
    """

    t_s: float
    generator_cpu_percent: float | None
    generator_memory_bytes: int | None
    target_cpu_percent: float | None
    target_memory_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmUp:
    """Requests of the warm-up: counted here and nowhere else."""

    sent: int = 0
    succeeded: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A run's whole result.

    Attributes:
        slo: the verdict on its objectives; None without any.
        baseline: the run beside an earlier one; None when none was asked for or found.
        rollback: None when there is no command for it.
    """

    run: RunInfo
    health: Health
    total: Tally
    endpoints: tuple[EndpointResult, ...]
    timeline: tuple[Second, ...]
    warmup: WarmUp
    failed_answers: tuple[FailedAnswer, ...] = ()
    resources: tuple[ResourceSecond, ...] = ()
    slo: Judgement | None = None
    baseline: BaselineResult | None = None
    rollback: RollbackOutcome | None = None

    @property
    def throughput_rps(self) -> float:
        """Answers of any status per measured second."""
        return self.total.answered / self.run.duration_s if self.run.duration_s > 0 else 0.0
