"""limits.max_rps in the engine: what servers really see in any second, and what is said of it."""

from __future__ import annotations

import socket
import time

import pytest

from loadgen.limits import Limits
from loadgen.plan import Pattern, Plan, Precision
from tests.loadgen.engine_run import run_plan
from tests.scripted import HELLO, Peer, read_request, scripted_server

JITTER_S = 0.030
"""Between the send and the clock read of a scripted server's thread on a busy machine."""


class Seen:
    """A server that notes when each request came."""

    def __init__(self, stall_s: float = 0.0) -> None:
        self.at_s: list[float] = []
        self._stall_s = stall_s

    def script(self, connection: socket.socket, _number: int, peer: Peer) -> None:
        while read_request(connection, peer):
            self.at_s.append(time.monotonic())
            if self._stall_s and len(self.at_s) == 1:
                time.sleep(self._stall_s)
            connection.sendall(HELLO)

    def most_in(self, window_s: float) -> int:
        """The largest number of requests in any window of that length."""
        times = sorted(self.at_s)
        return max(sum(1 for at in times if begin <= at < begin + window_s) for begin in times)


def _users(max_rps: int | None, **changes: object) -> Plan:
    base: dict[str, object] = {
        "concurrency": 20,
        "think_s": (0.0, 0.0),
        "duration_s": 1.0,
        "precision": Precision.CPU,
        "limits": Limits(max_rps=max_rps),
    }
    return Plan(**{**base, **changes})  # type: ignore[arg-type]  # a table's values


def test_users_are_let_through_one_by_one_up_to_the_cap() -> None:
    seen = Seen()
    with scripted_server(seen.script) as peer:
        outcome = run_plan(_users(100), peer.port)
    assert outcome.closes
    assert 80 <= outcome.total.sent <= 100
    assert outcome.total.sent == len(seen.at_s)
    assert outcome.last.held >= 75
    # Spaced by 10 ms, not sent in a bunch.
    assert seen.most_in(0.100 - JITTER_S) <= 10


def test_every_user_has_its_turn() -> None:
    connections: dict[int, int] = {}

    def script(connection: socket.socket, number: int, peer: Peer) -> None:
        while read_request(connection, peer):
            connections[number] = connections.get(number, 0) + 1
            connection.sendall(HELLO)

    with scripted_server(script) as peer:
        run_plan(_users(200, concurrency=10), peer.port)
    assert len(connections) == 10
    # Exactly in turn, but for those whose answer was late; the last first would starve some.
    assert max(connections.values()) < 2 * min(connections.values())


def test_the_wait_for_the_cap_is_nobody_s_slowness() -> None:
    with scripted_server(Seen().script) as peer:
        outcome = run_plan(_users(50), peer.port)
    response, own_lag = outcome.last.response, outcome.last.own_lag
    p50_ms = response.percentiles_ms((0.5,))[0]
    lag_p50_ns = own_lag.quantile_ns(0.5)
    assert p50_ms is not None
    assert p50_ms < 100  # 20 users at 50/s: each waits for 400 ms
    assert lag_p50_ns is not None
    assert lag_p50_ns < 50e6


def test_a_cap_above_what_users_send_holds_nothing_back() -> None:
    with scripted_server(Seen().script) as peer:
        outcome = run_plan(_users(1_000_000, concurrency=1, think_s=(0.01, 0.01)), peer.port)
    assert outcome.last.held == 0
    assert outcome.total.sent > 20


@pytest.mark.parametrize("keepalive", [True, False])
def test_an_open_loop_catches_up_no_faster_than_the_cap(keepalive: bool) -> None:
    """After a stall of 1 s 100 arrivals wait; without the cap all would be sent at once."""
    seen = Seen(stall_s=1.0)
    plan = Plan(
        pattern=Pattern.RATE,
        rate_rps=100,
        connections=1,
        duration_s=2.0,
        keepalive=keepalive,
        precision=Precision.CPU,
        limits=Limits(max_rps=100),
    )
    with scripted_server(seen.script) as peer:
        outcome = run_plan(plan, peer.port)
    assert outcome.closes
    assert outcome.total.sent > 50
    assert seen.most_in(1.0 - JITTER_S) <= 100
