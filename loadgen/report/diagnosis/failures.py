"""Failures: of which kind, in which seconds, of which endpoint, and what to check. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from loadgen.report.diagnosis.clue import Clue
from loadgen.report.numbers import clock, count, percent

if TYPE_CHECKING:
    from loadgen.measurement import Measurement, Tally

__all__ = ["clues"]

SYMPTOM_RATIO = 0.01
"""The guide's: an error rate above 1 % is high, and so is any answer of 500 or more."""
KINDS_MOST = 3
KIND_LEAST_RATIO = 0.1
"""A kind of failure that is a smaller part of them is told by the table of outcomes alone."""
TOGETHER_RATIO = 0.8
"""So much of the failures has to lie together before that is said."""
FEW_SECONDS_RATIO = 0.2
"""... in at most so much of the time."""
LEAST_FAILURES = 10
LEAST_SECONDS = 5
DISPROPORTION = 1.5
"""An endpoint's part of the failures by its part of the requests, from which it is the one."""

_CHECKS: Mapping[str, str] = {
    "connect_refused": "nothing accepts connections there; check that the target runs and listens",
    "connect_timeout": "the network or a firewall swallows connections, or the listen backlog is "
    "full",
    "connect_reset": "connections are reset while they are made; check the listen backlog and what "
    "stands in between",
    "connect_unreachable": "there is no way to the target's address; check the network",
    "connect_no_files": "the generator has no file descriptors left; raise ulimit -n",
    "connect_no_ports": "the generator has no ports left towards the target; use connections again "
    "or give --local-address",
    "connect_failed": "connections cannot be made; check the network",
    "tls_certificate": "the target's certificate is not trusted; check it, or give --cacert",
    "tls_protocol": "the TLS handshake failed; check versions and ciphers on both sides",
    "tls_timeout": "the TLS handshake took longer than the connect timeout; check the target's CPU",
    "timeout": "no answer came within the timeout; check what the target waits for: its database, "
    "its dependencies, a full pool of connections",
    "reset": "the target broke connections off; check its log for crashes, restarts and limits",
    "closed": "the target closed connections before the answer; check its log for crashes, "
    "restarts and limits",
    "protocol": "what came was no HTTP answer; check what listens on that port",
    "header_too_large": "the headers of the answer are larger than is taken; check them",
    "check": "answers came and were not what was expected; see the answers that failed their check",
}
_STATUS_CHECKS: Mapping[int, str] = {
    401: "credentials are missing or wrong; check --auth",
    403: "the credentials are not allowed to do this; check --auth",
    404: "there is nothing at that path; check the paths of the endpoints",
    405: "the method is not allowed there; check the methods of the endpoints",
    429: "the target limits the rate; lift its limit for the test, or lower the load",
    500: "the application raised errors; check its log",
    502: "a proxy got no proper answer from the service behind it; check that service's health",
    503: "the target refuses work; check its resources, its limits and its dependencies",
    504: "a proxy waited in vain for the service behind it; check that service's health",
}
_OTHER_CHECK = "check the target's log"
_CLIENT_STATUS_CHECK = "the target refuses the requests; check them and its configuration"
_SERVER_STATUS_CHECK = "the target fails; check its log and its dependencies"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    name: str
    n: int
    check: str


def clues(m: Measurement) -> Iterator[Clue]:
    """What failed most, when and where, and what failed besides; in this order by their weight."""
    total = m.total
    if not total.failed:
        return
    weight = total.failed / total.finished
    if weight > SYMPTOM_RATIO or any(code >= 500 for code in total.failed_codes):
        weight += 1.0
    yield from _kinds(total, weight)
    if total.failed >= LEAST_FAILURES:
        yield from _seconds(m, weight)
        yield from _endpoints(m, weight)


def _kinds(total: Tally, weight: float) -> Iterator[Clue]:
    kinds = [
        *(
            _Kind(name=name, n=n, check=_CHECKS.get(name, _OTHER_CHECK))
            for name, n in total.errors.items()
        ),
        *(
            _Kind(name=f"HTTP {code}", n=n, check=_status_check(code))
            for code, n in total.failed_codes.items()
        ),
    ]
    kinds.sort(key=lambda kind: (-kind.n, kind.name))
    for place, kind in enumerate(kinds[:KINDS_MOST]):
        if kind.n >= KIND_LEAST_RATIO * total.failed:
            yield Clue(
                weight=weight * (0.9 - 0.01 * place if place else 1.0),
                text=f"{count(kind.n)} of {count(total.finished)} requests "
                f"({percent(100 * kind.n / total.finished)} %) ended with {kind.name}: "
                f"{kind.check}.",
            )


def _status_check(code: int) -> str:
    default = _SERVER_STATUS_CHECK if code >= 500 else _CLIENT_STATUS_CHECK
    return _STATUS_CHECKS.get(code, default)


def _seconds(m: Measurement, weight: float) -> Iterator[Clue]:
    """Whether the failures lie in few seconds or in many."""
    seconds, failed = m.timeline, sum(second.failed for second in m.timeline)
    if len(seconds) < LEAST_SECONDS or not failed:
        return
    worst_first = sorted(range(len(seconds)), key=lambda index: -seconds[index].failed)
    reached = list(accumulate(seconds[index].failed for index in worst_first))
    last = bisect_left(reached, TOGETHER_RATIO * failed)
    enough, together = worst_first[: last + 1], reached[last]
    affected = sum(second.failed > 0 for second in seconds)
    if len(enough) <= FEW_SECONDS_RATIO * len(seconds):
        begin_s = seconds[min(enough) - 1].t_s if min(enough) else 0.0
        within = f"between {clock(begin_s)} and {clock(seconds[max(enough)].t_s)}"
        when = (
            f"in 1 second, {within}" if len(enough) == 1 else f"in {len(enough)} seconds {within}"
        )
        yield Clue(
            weight=0.97 * weight,
            text=f"{count(together)} of {count(failed)} failures came {when}, of "
            f"{clock(m.run.duration_s)} in all: check what happened to the target then.",
        )
    elif affected >= TOGETHER_RATIO * len(seconds):
        yield Clue(
            weight=0.94 * weight,
            text=f"Failures came in {affected} of {len(seconds)} seconds: "
            "they are no single event.",
        )


def _endpoints(m: Measurement, weight: float) -> Iterator[Clue]:
    """Whether one endpoint fails or all do."""
    asked = [each for each in m.endpoints if each.tally.finished]
    if len(asked) < 2:
        return
    worst = max(asked, key=lambda each: each.tally.failed)
    of_failures = worst.tally.failed / m.total.failed
    of_requests = worst.tally.finished / m.total.finished
    if of_failures >= max(TOGETHER_RATIO, DISPROPORTION * of_requests):
        yield Clue(
            weight=0.96 * weight,
            text=f"{worst.name} has {percent(100 * of_failures)} % of the failures and "
            f"{percent(100 * of_requests)} % of the requests: check what only it uses.",
        )
    elif all(each.tally.failed >= 0.5 * m.total.failed * _part(each.tally, m) for each in asked):
        yield Clue(
            weight=0.93 * weight,
            text=f"All {len(asked)} endpoints fail, each about as often as it is asked: "
            "check what they share.",
        )


def _part(tally: Tally, m: Measurement) -> float:
    return tally.finished / m.total.finished
