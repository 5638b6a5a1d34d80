"""The slow engine's arrivals: as many as the plan has, at their times, whoever is slow."""

from __future__ import annotations

import select
import socket

import pytest

from loadgen.plan import Arrivals, Endpoint, Pattern, Plan
from slo.metric import Phase
from tests.loadgen.engine_run import Outcome, run_plan
from tests.loadgen.slow_engine.slow_run import run_slowly
from tests.scripted import HELLO, Peer, read_request, scripted_server


def _hello(connection: socket.socket, _number: int, peer: Peer) -> None:
    while read_request(connection, peer):
        connection.sendall(HELLO)


def _plan(peer: Peer, **changes: object) -> Plan:
    base: dict[str, object] = {
        "pattern": Pattern.RATE,
        "rate_rps": 200.0,
        "concurrency": 4,
        "duration_s": 0.5,
    }
    return Plan(target=f"http://127.0.0.1:{peer.port}", **{**base, **changes})  # type: ignore[arg-type]  # a table's values


def test_every_arrival_of_the_plan_is_sent_and_warm_up_is_apart() -> None:
    with scripted_server(_hello) as peer:
        outcome = run_slowly(_plan(peer, warmup_s=0.2), peer.port)
        assert peer.requests == outcome.total.sent + outcome.last.warmup.sent
        assert peer.connections == outcome.total.connects == 4
    assert outcome.closes
    assert outcome.planned == 100
    assert outcome.last.warmup.sent == outcome.last.warmup.succeeded == 40
    assert outcome.total.times[Phase.LAG].n == outcome.last.own_lag.n == outcome.total.sent


def test_arrivals_by_chance_are_those_of_the_c_engine() -> None:
    def planned(outcome: Outcome) -> list[int]:
        return [tally.sent + tally.dropped for tally in outcome.endpoints]

    endpoints = (Endpoint(path="/a", weight=3), Endpoint(path="/b", weight=1))
    with scripted_server(_hello) as peer:
        plan = _plan(peer, endpoints=endpoints, arrivals=Arrivals.POISSON, seed=11)
        fast, slow = run_plan(plan, peer.port), run_slowly(plan, peer.port)
    assert planned(slow) == planned(fast)
    assert sum(planned(slow)) > 50


@pytest.mark.parametrize("keepalive", [True, False])
def test_waiting_for_a_connection_is_response_time_and_not_our_lag(keepalive: bool) -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        while read_request(connection, peer):
            select.select([connection], [], [], 0.02)  # nothing comes: an answer takes 20 ms
            connection.sendall(HELLO)

    with scripted_server(script) as peer:
        outcome = run_slowly(_plan(peer, concurrency=1, keepalive=keepalive), peer.port)
    assert outcome.closes
    assert outcome.planned == 100
    assert outcome.last.waited > 5
    assert (
        outcome.total.times[Phase.LATENCY].max_ns > 10 * outcome.total.times[Phase.SERVICE].min_ns
    )
    lag = outcome.last.own_lag
    assert lag.sum_ns < outcome.total.times[Phase.LAG].sum_ns / 10


def test_arrivals_that_find_every_connection_busy_until_the_end_are_dropped() -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        read_request(connection, peer)
        connection.recv(1)

    with scripted_server(script) as peer:
        outcome = run_slowly(_plan(peer, concurrency=2, timeout_s=0.8), peer.port)
        assert peer.requests == outcome.total.sent == 2
    assert outcome.closes
    assert outcome.total.errors == {"timeout": 2}  # in the drain: they had not timed out before
    assert outcome.last.dropped == outcome.last.dropped_busy == 98


def test_an_early_end_counts_the_arrivals_until_then() -> None:
    with scripted_server(_hello) as peer:
        outcome = run_slowly(_plan(peer, duration_s=60.0), peer.port, limit_s=0.3)
        assert peer.requests == outcome.total.sent
    assert outcome.closes
    assert outcome.planned == 60
