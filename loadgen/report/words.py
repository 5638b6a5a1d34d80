"""The words that all reports share: what a result is called, in the order of importance. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from loadgen.exitcode import ExitCode, exit_code
from loadgen.report.numbers import decimal
from slo.metric import Phase
from slo.validity import Validity

if TYPE_CHECKING:
    from loadgen.measurement import Measurement, Tally

__all__ = [
    "CHECKS",
    "PHASES",
    "REMEDIES",
    "TRUST",
    "Outcome",
    "Status",
    "cause",
    "load",
    "outcomes",
    "remarks",
    "status",
]


class Status(StrEnum):
    """How the guide calls the end of a run."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    INCONCLUSIVE = "INCONCLUSIVE"


TRUST: Mapping[Validity, str] = {
    Validity.VALID: "the numbers are about the target",
    Validity.SUSPECT: "the numbers may in part be about the generator",
    Validity.INVALID: "the numbers are about the generator, not the target",
}
"""What a verdict on the generator means for the reader."""

PHASES: Mapping[Phase, str] = {
    Phase.LATENCY: "Response time",
    Phase.SERVICE: "Service time",
    Phase.TTFB: "Time to first byte",
    Phase.CONNECT: "Connect",
    Phase.TLS: "TLS handshake",
    Phase.LAG: "Schedule lag",
}


REMEDIES: Mapping[str, str] = {
    "connect_no_files": "could not connect, as this machine had no open file left: raise the "
    "limit (ulimit -n, LimitNOFILE=, fs.file-max), or use fewer connections",
    "connect_no_ports": "could not connect, as every local port towards the target was in use: "
    "keep connections alive, widen net.ipv4.ip_local_port_range, or give more --local-address",
}
"""Error classes that are this machine's own limits, and what helps against them."""

CHECKS: Mapping[str, str] = {
    "status": "status not as expected",
    "header_missing": "header missing",
    "header_value": "header with another value",
    "body_lacks": "body without an expected text",
    "body_has": "body with an excluded text",
    "body_small": "body too small",
    "body_large": "body too large",
    "body_encoded": "body compressed all the same, so it was not searched",
}
"""The kinds of failed checks (loadgen.arena.CHECK_KINDS)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of some requests.

    Attributes:
        name: "HTTP 500", or an error class of the result file.
        n: how many requests.
        percent: of the requests with an outcome.
        failed: True for an error class; for a status: such answers fail by it.
    """

    name: str
    n: int
    percent: float
    failed: bool


def status(measurement: Measurement) -> Status:
    """PASSED, FAILED or INCONCLUSIVE, by the exit code."""
    match exit_code(measurement):
        case ExitCode.PASS:
            return Status.PASSED
        case ExitCode.INCONCLUSIVE:
            return Status.INCONCLUSIVE
        case _:
            return Status.FAILED


def cause(measurement: Measurement) -> str:
    """Why the run could not be done or ended early, as a sentence; "" when it was done."""
    if measurement.run.failure:
        return f"The run could not be done: {measurement.run.failure}"
    if measurement.total.succeeded == 0:
        return "No request succeeded"
    if measurement.run.interrupted:
        return "Ended early by the user"
    if measurement.run.stopped:
        return f"Ended early, as {measurement.run.stopped}"
    return ""


def load(measurement: Measurement) -> str:
    """What was asked for: "sustained, 100 users" or "rate, 1,000.0 req/s"."""
    if measurement.run.open_loop:
        return f"{measurement.run.pattern}, {decimal(measurement.health.offered_rps)} req/s"
    users = measurement.run.users
    return f"{measurement.run.pattern}, {users:,} user{'' if users == 1 else 's'}"


def outcomes(tally: Tally) -> list[Outcome]:
    """Every way in which requests ended: answers by status, then failures, the most first."""
    finished = max(1, tally.finished)
    answers = [
        Outcome(
            name=f"HTTP {code}",
            n=n,
            percent=100 * n / finished,
            failed=code in tally.failed_codes,
        )
        for code, n in sorted(tally.status_codes.items())
        if n
    ]
    failures = [
        Outcome(name=name, n=n, percent=100 * n / finished, failed=True)
        for name, n in sorted(tally.errors.items(), key=lambda item: (-item[1], item[0]))
        if n
    ]
    return [*answers, *failures]


def remarks(tally: Tally) -> list[str]:
    """Counts beside the outcomes that a reader should know, each only when it is not zero."""
    rows = (
        (tally.in_flight_at_end, "still in flight when the run stopped waiting"),
        (tally.dropped, "intended within the run and never sent"),
        (tally.late, "sent more than 1 ms after their time"),
        (tally.reconnects, "repeated because the server had closed an idle connection"),
        (tally.surplus, "answered with more bytes than asked for"),
        (tally.followed, "redirects followed, each as part of its request"),
        *((tally.errors.get(name, 0), what) for name, what in REMEDIES.items()),
        *((tally.checks.get(kind, 0), f"failed a check: {what}") for kind, what in CHECKS.items()),
    )
    return [f"{n:,} {what}" for n, what in rows if n]
