"""The slow engine's connections against servers that misbehave, held against the C engine's."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import NamedTuple

import pytest

from loadgen.plan import Plan
from tests.loadgen.engine_run import Outcome, run_plan
from tests.loadgen.slow_engine.slow_run import run_slowly
from tests.scripted import HELLO, Peer, read_request, reset, scripted_server

PERIOD_S, LOAD_S = 0.02, 0.3
Runner = Callable[..., Outcome]
Script = Callable[[socket.socket, int, Peer], None]


def _says(answer: bytes, *, then: Callable[[socket.socket], None] | None = None) -> Script:
    """Answers each request with these bytes; then: what follows the first."""

    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        while read_request(connection, peer):
            connection.sendall(answer)
            if then is not None:
                then(connection)
                return

    return script


def _close(connection: socket.socket) -> None:
    connection.close()


def _silent(connection: socket.socket, _number: int, peer: Peer) -> None:
    read_request(connection, peer)
    connection.recv(1)


def _hang_up(connection: socket.socket, _number: int, _peer: Peer) -> None:
    connection.close()


def _one_each(connection: socket.socket, _number: int, peer: Peer) -> None:
    """Answers once and closes when the second request is there: it has crossed the close."""
    read_request(connection, peer)
    connection.sendall(HELLO)
    read_request(connection)


class Row(NamedTuple):
    name: str
    script: Script
    errors: frozenset[str] = frozenset()
    status_codes: frozenset[int] = frozenset()
    counts: frozenset[str] = frozenset()


ROWS = (
    Row("well-behaved", _says(HELLO), status_codes=frozenset({200})),
    Row("an error by status", _says(HELLO.replace(b"200", b"503")), status_codes=frozenset({503})),
    Row("closes at once", _hang_up, frozenset({"closed", "reset"})),
    Row("resets for an answer", _says(b"", then=reset), frozenset({"reset"})),
    Row("closes for an answer", _says(b"", then=_close), frozenset({"closed"})),
    Row("closes in the middle", _says(HELLO[:-2], then=_close), frozenset({"closed"})),
    Row("is silent", _silent, frozenset({"timeout"})),
    Row("speaks another protocol", _says(b"220 smtp.example\r\n"), frozenset({"protocol"})),
    Row(
        "has a header without end",
        _says(b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000),
        frozenset({"header_too_large"}),
    ),
    Row(
        "answers twice",
        _says(HELLO * 2),
        status_codes=frozenset({200}),
        counts=frozenset({"surplus"}),
    ),
    Row(
        "ends its body by closing",
        _says(b"HTTP/1.1 200 OK\r\n\r\nhi", then=_close),
        status_codes=frozenset({200}),
    ),
    Row(
        "closes when it is asked again",
        _one_each,
        status_codes=frozenset({200}),
        counts=frozenset({"reconnects"}),
    ),
)


@pytest.mark.parametrize("runner", [run_plan, run_slowly], ids=["fast", "slow"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_both_engines_count_alike(row: Row, runner: Runner) -> None:
    with scripted_server(row.script) as peer:
        plan = Plan(
            target=f"http://127.0.0.1:{peer.port}/",
            concurrency=1,
            duration_s=LOAD_S,
            think_s=(PERIOD_S, PERIOD_S),
            timeout_s=0.1,
        )
        outcome = runner(plan, peer.port)
    total = outcome.total
    assert outcome.closes
    assert total.finished > 0
    errors = dict(total.errors)
    if total.reconnects and errors.get("closed") == 1:
        del errors["closed"]  # the close that the load's end crossed: nothing is repeated then
    assert errors.keys() <= row.errors
    assert bool(errors) is bool(row.errors)
    assert set(total.status_codes) == row.status_codes
    for counter in ("surplus", "reconnects"):
        assert bool(getattr(total, counter)) is (counter in row.counts), counter


def test_a_request_is_repeated_only_when_that_is_safe() -> None:
    with scripted_server(_one_each) as peer:
        plan = Plan(
            target=f"http://127.0.0.1:{peer.port}/",
            method="POST",
            concurrency=1,
            duration_s=LOAD_S,
            think_s=(PERIOD_S, PERIOD_S),
        )
        total = run_slowly(plan, peer.port).total
    assert total.reconnects == 0
    assert total.errors.keys() == {"closed"}


@pytest.mark.parametrize("keepalive", [True, False])
def test_bytes_and_connects_are_those_that_the_server_saw(keepalive: bool) -> None:
    seen: list[int] = []

    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        while request := read_request(connection, peer):
            seen.append(len(request))
            connection.sendall(HELLO)

    with scripted_server(script) as peer:
        plan = Plan(
            target=f"http://127.0.0.1:{peer.port}/",
            concurrency=2,
            duration_s=LOAD_S,
            think_s=(PERIOD_S, PERIOD_S),
            keepalive=keepalive,
        )
        total = run_slowly(plan, peer.port).total
        # The end may have given up a connect, with or without the server's knowing.
        given_up = total.in_flight_at_end
        assert peer.requests == total.finished == total.sent - given_up
        assert total.connects <= peer.connections <= total.connects + given_up
    assert total.connects >= (2 if keepalive else total.finished)
    assert total.bytes_sent == sum(seen)
    assert total.bytes_received == total.finished * len(HELLO)
