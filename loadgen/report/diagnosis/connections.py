"""Connections: made too often, made slowly, or closed by the target while they were idle. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from loadgen.report.diagnosis.clue import Clue
from loadgen.report.numbers import count, duration, percent
from slo.metric import Phase

if TYPE_CHECKING:
    from loadgen.measurement import Measurement, Tally

__all__ = ["clues"]

ANEW_RATIO = 0.1
"""Connections by requests, from which keep-alive does not do what it is for."""
RESENT_NS = 1_000_000_000
"""Linux sends a SYN again after 1 s, so a connection that takes so long has lost one."""
RECONNECTS_RATIO = 0.001


def clues(m: Measurement) -> Iterator[Clue]:
    """What connecting cost."""
    if not m.total.sent:
        return
    yield from _anew(m)
    yield from _resent(m.total)
    yield from _reconnects(m.total)


def _anew(m: Measurement) -> Iterator[Clue]:
    """Each user, or connection of the pool, connects once before the load; that is no finding."""
    total = m.total
    first = m.run.users if not m.run.open_loop else total.sent // 2
    ratio = (total.connects - first) / total.sent
    if ratio < ANEW_RATIO:
        return
    connect_ns, tls_ns = (total.times[phase].mean_ns or 0.0 for phase in (Phase.CONNECT, Phase.TLS))
    handshake = f", and {duration(tls_ns / 1e6)} for its TLS handshake" if tls_ns else ""
    yield Clue(
        weight=0.5 + min(0.5, ratio / 2),
        text=f"{count(total.connects)} connections were made for {count(total.sent)} requests, "
        f"each in {duration(connect_ns / 1e6)} on average{handshake}: check whether keep-alive is "
        "on here and at the target.",
    )


def _resent(total: Tally) -> Iterator[Clue]:
    connect = total.times[Phase.CONNECT]
    slow = connect.count_from(RESENT_NS)
    if slow:
        yield Clue(
            weight=1.0 + slow / connect.n,
            text=f"{count(slow)} of {count(connect.n)} connections took 1 s or longer to be made, "
            "which is when the kernel asks again: packets were lost, or the target's listen "
            "backlog was full.",
        )


def _reconnects(total: Tally) -> Iterator[Clue]:
    ratio = total.reconnects / total.sent
    if ratio >= RECONNECTS_RATIO:
        yield Clue(
            weight=0.5 + min(0.5, ratio),
            text=f"{count(total.reconnects)} requests ({percent(100 * ratio)} %) were sent again "
            "because the target had closed the idle connection: its keep-alive timeout, or its "
            "limit of requests per connection, is short.",
        )
