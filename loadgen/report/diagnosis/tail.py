"""Where the time of the slowest requests goes, as far as percentiles of its parts can tell. Pure.

    response time = schedule lag + service time        service time >= time to first byte

Percentiles of parts do not add up, and none is subtracted from another here as if they did. Two
statements hold whatever the parts have to do with each other:

- Each part is at most the whole, so the whole's percentile is at least the part's: with that
  part alone the percentile would still be that high.
- Q_whole(q) <= Q_one((1 + q) / 2) + Q_other((1 + q) / 2), as at most 1 - q of the requests are
  beyond either of the two. So Q_other((1 + q) / 2) >= Q_whole(q) - Q_one((1 + q) / 2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loadgen.report.diagnosis.clue import Clue
from loadgen.report.numbers import count, duration, percent, size
from slo.metric import Maximum, Mean, Percentile, Phase
from slo.verdict import Verdict

if TYPE_CHECKING:
    from loadgen.measurement import EndpointResult, Measurement, Tally

__all__ = ["clues"]

SYMPTOMS_MS = ((0.95, 500.0), (0.99, 1000.0))
"""The guide's: a P95 above 500 ms or a P99 above 1000 ms is high."""
LEAST_ANSWERED_RATIO = 0.99
"""With more requests without a time, the percentiles of the parts are not of the same ones."""
WAIT_RATIO = 0.25
"""A part of the response time's percentile from which waiting is a finding."""
PART_RATIO = 0.5
SMALL_RATIO = 0.1
TAIL_LEAST = 20
"""Slow requests from which their parts by endpoint say something."""
DISPROPORTION = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tail:
    """The percentile that is explained.

    Attributes:
        q: its quantile. name: "P99". one_in: how many requests have one that is slower.
        response_ms: of the response time.
    """

    q: float
    response_ms: float

    @property
    def name(self) -> str:
        return f"P{100 * self.q:g}"

    @property
    def one_in(self) -> int:
        return round(1 / (1 - self.q))

    @property
    def half(self) -> float:
        """The quantile beyond which half as many requests lie."""
        return (1 + self.q) / 2


def clues(m: Measurement) -> Iterator[Clue]:
    """What makes the slowest requests slow, and whose they are."""
    latency = m.total.latency
    if latency.n < LEAST_ANSWERED_RATIO * m.total.times[Phase.LAG].n:
        return
    q = next((q for q in (0.99, 0.95) if latency.supports(q)), None)
    response_ms = None if q is None else latency.percentile_ms(q)
    if q is None or not response_ms:
        return
    tail = _Tail(q=q, response_ms=response_ms)
    slow = _is_slow(m)
    if m.total.errors.get("timeout", 0) > (1 - q) * latency.n:
        yield Clue(
            weight=1.0,
            text=f"{tail.name} is how long timeouts lasted, as more than 1 in {tail.one_in} "
            "requests had no answer in time.",
        )
        return
    for clue in (*_waiting(m, tail), *_server(m, tail), *_transfer(m, tail), *_endpoints(m, tail)):
        yield Clue(weight=clue.weight + slow, text=clue.text)


def _is_slow(m: Measurement) -> bool:
    """True when an objective about a time is violated, or by the guide's own symptoms."""
    findings = m.slo.findings if m.slo else ()
    broken = any(
        isinstance(each.objective.metric, Percentile | Mean | Maximum)
        and each.verdict is Verdict.FAIL
        for each in findings
    )
    return broken or any((m.total.latency.percentile_ms(q) or 0) > ms for q, ms in SYMPTOMS_MS)


def _part_ms(m: Measurement, phase: Phase, tail: _Tail) -> float | None:
    """The percentile of a part, which is at most the whole's.

    The buckets of the parts are ten times as wide as those of the response time, so that a part
    may seem to be the longer one by a percent.
    """
    part_ms = m.total.times[phase].percentile_ms(tail.q)
    return None if part_ms is None else min(part_ms, tail.response_ms)


def _waiting(m: Measurement, tail: _Tail) -> Iterator[Clue]:
    """Time before a request was sent: the generator's own, the cap's, or for a connection."""
    lag_ms = _part_ms(m, Phase.LAG, tail)
    if lag_ms is None or lag_ms < WAIT_RATIO * tail.response_ms:
        return
    share = lag_ms / tail.response_ms
    yield Clue(
        weight=share if _own(m, lag_ms) == "generator" else share + 1.0,
        text=f"1 in {tail.one_in} requests waited {duration(lag_ms)} or longer before it was "
        f"sent, and {tail.name} of the response time is {duration(tail.response_ms)}; "
        f"{_why_waited(m, lag_ms)}.",
    )


def _own(m: Measurement, lag_ms: float) -> str:
    """Whose the wait before sending is: "generator", "target", or "both"."""
    own_ms = m.health.evidence.own_lag_p99_ms or 0.0
    if own_ms >= PART_RATIO * lag_ms:
        return "generator"
    return "target" if own_ms <= SMALL_RATIO * lag_ms else "both"


def _why_waited(m: Measurement, lag_ms: float) -> str:
    evidence = m.health.evidence
    own = f"the generator's own lag is {duration(evidence.own_lag_p99_ms)} at P99"
    whose = _own(m, lag_ms)
    if whose == "generator":
        return f"{own}, so that it is the generator: lower the load or add workers"
    where = "the rest is" if whose == "both" else "so that it is"
    if evidence.held > evidence.waited:
        waits = f"{count(evidence.held)} requests were held back by limits.max_rps"
        return f"{own}, {where} the limit that was set: {waits}"
    waited = f"{count(evidence.waited)} of {count(evidence.sent)} requests waited over 1 ms"
    if evidence.open_loop:
        return (
            f"{own}, {where} a queue for free connections, in which {waited}: all are busy with "
            "earlier requests, so raise --connections, or the target is the limit"
        )
    return f"{own}, {where} connecting anew, for which {waited}: check who closes connections"


def _server(m: Measurement, tail: _Tail) -> Iterator[Clue]:
    """Time to first byte: the target's and the network's."""
    first_ms = _part_ms(m, Phase.TTFB, tail)
    if first_ms is None or first_ms < PART_RATIO * tail.response_ms:
        return
    yield Clue(
        weight=first_ms / tail.response_ms,
        text=f"1 in {tail.one_in} requests waited {duration(first_ms)} or longer for the first "
        f"byte of its answer, and {tail.name} of the response time is "
        f"{duration(tail.response_ms)}: {_network(m.total, first_ms)}.",
    )


def _network(total: Tally, first_ms: float) -> str:
    """The network's part of the tail's time to first byte: to connect takes a round trip."""
    trip_ms = total.times[Phase.CONNECT].percentile_ms(0.5)
    if trip_ms is None or not first_ms:
        return "the target or the network takes it"
    share = trip_ms / first_ms
    trip = f"a round trip, as seen in connecting, is {duration(trip_ms)} at the median"
    if share <= SMALL_RATIO:
        return f"{trip}, so that it is the target and not the network"
    part = f"{percent(100 * min(1.0, share))} % of that"
    if share >= PART_RATIO:
        return f"{trip}, {part}, so that it is mostly the network"
    return f"{trip}, {part}; the rest is the target's"


def _transfer(m: Measurement, tail: _Tail) -> Iterator[Clue]:
    """Time from the first to the last byte; see the module for why this is a lower bound."""
    service_ms = m.total.times[Phase.SERVICE].percentile_ms(tail.q)
    first_ms = m.total.times[Phase.TTFB].percentile_ms(tail.half)
    if service_ms is None or first_ms is None:
        return
    least_ms = service_ms - first_ms
    if least_ms < WAIT_RATIO * tail.response_ms:
        return
    mean_bytes = round(m.total.bytes_received / m.total.answered)
    yield Clue(
        weight=least_ms / tail.response_ms,
        text=f"At least 1 in {2 * tail.one_in} answers took {duration(least_ms)} or longer from "
        f"its first byte to its last; they have {size(mean_bytes)} on average: check their size, "
        "the bandwidth, and whether the target sends while it still computes.",
    )


def _endpoints(m: Measurement, tail: _Tail) -> Iterator[Clue]:
    """Whose the slowest requests are: one endpoint's, or everybody's."""
    asked = [each for each in m.endpoints if each.tally.latency.n]
    if len(asked) < 2:
        return
    limit_ns = round(tail.response_ms * 1e6)
    slow = {each.name: each.tally.latency.count_from(limit_ns) for each in asked}
    all_slow = sum(slow.values())
    if all_slow < TAIL_LEAST:
        return
    worst = max(asked, key=lambda each: slow[each.name])
    of_slow, of_requests = slow[worst.name] / all_slow, _part(worst, m)
    if of_slow >= max(PART_RATIO, DISPROPORTION * of_requests):
        yield Clue(
            weight=0.99 * of_slow,
            text=f"{worst.name} has {percent(100 * of_slow)} % of the slowest 1 in {tail.one_in} "
            f"requests and {percent(100 * of_requests)} % of all: check what only it does.",
        )
    elif all(slow[each.name] >= _part(each, m) * all_slow / DISPROPORTION for each in asked):
        yield Clue(
            weight=0.3,
            text=f"The slowest 1 in {tail.one_in} requests are of all {len(asked)} endpoints, each "
            "about as often as it is asked: check what they share.",
        )


def _part(endpoint: EndpointResult, m: Measurement) -> float:
    return endpoint.tally.latency.n / m.total.latency.n
