"""Can this measurement be trusted? Evidence about the generator in, a verdict out. Pure.

Not about the system under test: only about whether what was measured is the target and
not the load generator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Evidence", "Health", "Limit", "Validity", "judge"]


class Validity(StrEnum):
    """How far the numbers may be trusted, the best first."""

    VALID = "VALID"
    SUSPECT = "SUSPECT"
    INVALID = "INVALID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the generator knows about itself, of the measured time.

    Attributes:
        open_loop: requests were sent by a schedule.
        paced: users pause between requests, or arrivals are scheduled: there are due times to miss.
        planned_requests: open loop: arrivals that the schedule expects (its area).
        sent: requests sent.
        dropped: open loop: intended and never sent.
        dropped_busy: of the dropped, those for which every connection was busy at the end.
        waited: open loop: of the sent, those that had waited more than 1 ms for a free
            connection; in a closed loop (there it is reconnecting) it says nothing.
        held: of the sent, those that the cap held back.
        cap_rps: the most requests a second that are allowed; None: any.
        measured_s: seconds.
        own_lag_p50_ms, own_lag_p99_ms, own_lag_max_ms: by how much the generator itself
            sent too late, waiting for a free connection not included; None without requests.
        response_p99_ms: the response time that is reported; None when it is not.
        worker_cpu_percent: per worker, of one core, spinning not included.
        run_delay_percent: per worker, time ready to run but not running (other processes,
            a cgroup's quota), of the measured time.
        throttled_s: time for which the cgroup's quota stopped us, summed over the cores;
            0 without a quota.
        steal_percent: taken by the hypervisor, of the machine's CPU time.
        frozen_s: per worker, seconds for which it did not run at all although it was due.
        exact: precise pacing was asked for.
        slow_path: the load was done in Python, not by the C engine.
    """

    open_loop: bool
    paced: bool
    planned_requests: float
    sent: int
    dropped: int
    dropped_busy: int = 0
    waited: int = 0
    held: int = 0
    cap_rps: int | None = None
    measured_s: float
    own_lag_p50_ms: float | None
    own_lag_p99_ms: float | None
    own_lag_max_ms: float | None
    response_p99_ms: float | None = None
    worker_cpu_percent: tuple[float, ...]
    run_delay_percent: tuple[float, ...]
    throttled_s: float = 0.0
    steal_percent: float = 0.0
    frozen_s: tuple[float, ...] = ()
    exact: bool = True
    slow_path: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The verdict on the measurement.

    Attributes:
        reasons: sentences, the gravest first; empty when VALID.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Where doubt begins, and where a number is no evidence any more. Both are exclusive."""

    suspect: float
    invalid: float

    def verdict(self, observed: float) -> Validity:
        """How bad an observed value is; larger is worse."""
        if observed > self.invalid:
            return Validity.INVALID
        return Validity.SUSPECT if observed > self.suspect else Validity.VALID


OWN_LAG_EXACT_MS = Limit(suspect=10, invalid=100)
"""Spinning hits a due send within 0.1 ms here; a hundred times that is not the kernel's noise."""
OWN_LAG_CPU_MS = Limit(suspect=50, invalid=500)
"""Sleeping gives some ms away on purpose, and small CI machines are shared."""
MISSING_PERCENT = Limit(suspect=1, invalid=10)
"""The usual answer of a load generator to its own saturation is to send less than it says."""
CPU_PERCENT = 90.0
"""Queueing in a worker grows as 1 / (1 - utilisation): tenfold at 90 %."""
STARVED_PERCENT = Limit(suspect=5, invalid=25)
"""Time in which a worker wanted to run and could not; at 5 % it reaches p95, at 25 % p75."""
FROZEN_S = 0.1
"""A worker that sleeps wakes within 1 ms; a tenth of a second means stopped or starved."""
FROZEN_INVALID_PERCENT = 10.0
"""A run of which a tenth did not take place is another run than the planned one."""
LAG_SHARE_PERCENT = 50.0
"""When half of a reported p99 may be our own lag, it does not tell the target's."""
LAG_SHARE_FLOOR_MS = 1.0
"""Below it no user cares whose part of the response time it is."""


@dataclass(frozen=True, slots=True)
class _Finding:
    verdict: Validity
    text: str


_Rule = Callable[[Evidence], Iterator[_Finding]]


def judge(evidence: Evidence) -> Health:
    """Judges a measurement by what the generator knows of itself.

    Returns:
        INVALID when the numbers are about the generator, SUSPECT when they may be, with
        one sentence a finding: what was observed, the limit, what to do.
    """
    findings = [found for rule in _RULES for found in rule(evidence)]
    findings.sort(key=lambda found: -_gravity(found.verdict))
    seconds = evidence.measured_s
    achieved_rps = evidence.sent / seconds if seconds > 0 else 0.0
    planned_rps = evidence.planned_requests / seconds if seconds > 0 else 0.0
    return Health(
        verdict=findings[0].verdict if findings else Validity.VALID,
        reasons=tuple(found.text for found in findings),
        notes=tuple(_notes(evidence)),
        offered_rps=planned_rps if evidence.open_loop else achieved_rps,
        achieved_rps=achieved_rps,
        evidence=evidence,
    )


def _nothing_sent(e: Evidence) -> Iterator[_Finding]:
    if e.sent == 0:
        yield _Finding(
            Validity.INVALID,
            f"No request was sent in {e.measured_s:.1f} s of measured time (expected at least 1): "
            "there is nothing to judge; let the run outlast its warm-up, or raise the load.",
        )


def _own_lag(e: Evidence) -> Iterator[_Finding]:
    limit = _own_lag_limit(e)
    lag_ms = e.own_lag_p99_ms
    if not e.paced or lag_ms is None or lag_ms <= limit.suspect:
        return
    yield _Finding(
        limit.verdict(lag_ms),
        f"The generator itself sent late by {lag_ms:.3g} ms at p99 (limit {limit.suspect:g} ms), "
        "waiting for connections not included: lower the load, add workers, "
        "or keep other programs off these cores.",
    )


def _missing(e: Evidence) -> Iterator[_Finding]:
    percent = _missing_percent(e)
    if e.sent == 0 or percent <= MISSING_PERCENT.suspect:
        return
    yield _Finding(
        MISSING_PERCENT.verdict(percent),
        f"{percent:.1f} % of the planned requests were never sent although connections were free "
        f"({e.sent:,} of {round(e.planned_requests):,} sent, limit {MISSING_PERCENT.suspect:g} %): "
        "the generator did not keep up; lower --rate or add workers.",
    )


def _cpu(e: Evidence) -> Iterator[_Finding]:
    worker, percent = _worst(e.worker_cpu_percent)
    if percent <= CPU_PERCENT:
        return
    used = f"Worker {worker} used {percent:.0f} % of its core (limit {CPU_PERCENT:g} %)"
    if not e.paced:
        yield _Finding(
            Validity.SUSPECT,
            f"{used}: without think time the generator was the limit, so the throughput is what it "
            "can send and not what the target can take; add workers, or give --think or --rate.",
        )
    elif _behind(e) or _queued(e):
        # A saturated worker cannot tell a slow target from answers that it has not read yet:
        # what looks like waiting for a connection is its own queue as well.
        yield _Finding(
            Validity.INVALID,
            f"{used} and fell behind its schedule: the response times contain the generator's "
            "own queue; lower the load or add workers.",
        )
    else:
        yield _Finding(
            Validity.SUSPECT,
            f"{used} and kept its schedule, but without headroom: lower the load or add workers.",
        )


def _starved(e: Evidence) -> Iterator[_Finding]:
    worker, delay_percent = _worst(e.run_delay_percent)
    core_s = e.measured_s * max(1, len(e.worker_cpu_percent))
    limit = f"(limit {STARVED_PERCENT.suspect:g} %)"
    for percent, text in (
        (
            delay_percent,
            f"Worker {worker} was ready to run and waited for a core for {delay_percent:.0f} % of "
            f"the time {limit}: stop the programs that share its core, or use fewer workers.",
        ),
        (
            _percent(e.throttled_s, core_s),
            f"The CPU quota of this container or service stopped the workers for "
            f"{_percent(e.throttled_s, core_s):.0f} % of the time {limit}: "
            "raise the quota or lower the load.",
        ),
        (
            e.steal_percent,
            f"The hypervisor took {e.steal_percent:.0f} % of this machine's CPU time {limit}: "
            "use a dedicated or a quieter machine.",
        ),
    ):
        verdict = STARVED_PERCENT.verdict(percent)
        if verdict is Validity.INVALID and not _behind(e):
            verdict = Validity.SUSPECT
        if verdict is not Validity.VALID:
            yield _Finding(verdict, text)


def _frozen(e: Evidence) -> Iterator[_Finding]:
    frozen = [(number, s) for number, s in enumerate(e.frozen_s) if s > FROZEN_S]
    if not frozen:
        return
    frozen.sort(key=lambda pair: -pair[1])
    (worker, worst_s), others = frozen[0], len(frozen) - 1
    also = f", and so were {others} more" if others > 1 else ", and so was 1 more" if others else ""
    gone = _percent(worst_s, e.measured_s) > FROZEN_INVALID_PERCENT
    yield _Finding(
        Validity.INVALID if gone else Validity.SUSPECT,
        f"Worker {worker} was stopped or starved for {worst_s:.1f} s although requests were due "
        f"(limit {FROZEN_S:g} s){also}: "
        "look for a suspended machine, a stopped process or a full CPU, and repeat the run.",
    )


def _lag_share(e: Evidence) -> Iterator[_Finding]:
    lag_ms, response_ms = e.own_lag_p99_ms, e.response_p99_ms
    if not e.paced or lag_ms is None or response_ms is None or lag_ms <= LAG_SHARE_FLOOR_MS:
        return
    percent = _percent(lag_ms, response_ms)
    if percent > LAG_SHARE_PERCENT:
        yield _Finding(
            Validity.SUSPECT,
            f"The generator's own lag is {lag_ms:.3g} ms at p99 and the response time "
            f"{response_ms:.3g} ms: more of it than {LAG_SHARE_PERCENT:g} % (the limit) may be the "
            "generator; lower the load or add workers.",
        )


def _slow_path(e: Evidence) -> Iterator[_Finding]:
    if e.slow_path:
        yield _Finding(
            Validity.SUSPECT,
            "The slow path was taken (TLS in Python, since its OpenSSL cannot be shared): each "
            "response time contains some tenths of a millisecond of the generator's own work; use "
            "a Python that is linked with the system's OpenSSL (with uv: --no-managed-python).",
        )


_RULES: tuple[_Rule, ...] = (
    _nothing_sent,
    _missing,
    _own_lag,
    _cpu,
    _frozen,
    _starved,
    _lag_share,
    _slow_path,
)


def _notes(e: Evidence) -> Iterator[str]:
    waiting = _waiting(e)
    if waiting:
        never = f" ({e.dropped_busy:,} of them were never sent)" if e.dropped_busy else ""
        yield (
            f"Arrivals that waited for a free connection: {waiting:,}{never}. Their response times "
            "include the wait; raise --connections, or the target is the limit."
        )
    if e.held and e.cap_rps is not None:
        yield (
            f"Requests that limits.max_rps ({e.cap_rps:,}) held back: {e.held:,}. The load was "
            "lower than the plan asks for."
        )


def _own_lag_limit(e: Evidence) -> Limit:
    return OWN_LAG_EXACT_MS if e.exact else OWN_LAG_CPU_MS


def _missing_percent(e: Evidence) -> float:
    """Share of the plan that was not sent although connections were free.

    Dropped arrivals are counted by the workers themselves; the plan's own number guards
    against a worker that did not live to count. Arrivals by chance vary by the root of
    their number: within four of these deviations the plan's number says nothing.
    """
    if not e.open_loop:
        return 0.0
    counted = e.dropped - e.dropped_busy
    expected = e.planned_requests - e.sent - e.dropped_busy
    by_chance = expected <= 4 * e.planned_requests**0.5
    return _percent(counted if by_chance else max(counted, expected), e.planned_requests)


def _behind(e: Evidence) -> bool:
    """True when the generator missed due times by its own doing."""
    if not e.paced:
        return False
    late = e.own_lag_p99_ms is not None and e.own_lag_p99_ms > _own_lag_limit(e).suspect
    return late or _missing_percent(e) > MISSING_PERCENT.suspect


def _queued(e: Evidence) -> bool:
    return _percent(_waiting(e), e.sent) > MISSING_PERCENT.suspect


def _waiting(e: Evidence) -> int:
    """Arrivals that found no free connection; a user has its own and waits for nobody."""
    return e.waited + e.dropped_busy if e.open_loop else 0


def _worst(per_worker: tuple[float, ...]) -> tuple[int, float]:
    """The worker with the largest value, and that value; (0, 0) without workers."""
    return max(enumerate(per_worker), key=lambda pair: pair[1], default=(0, 0.0))


def _percent(part: float, whole: float) -> float:
    return 100.0 * part / whole if whole > 0 else 0.0


def _gravity(verdict: Validity) -> int:
    return list(Validity).index(verdict)
