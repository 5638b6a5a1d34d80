"""The end of a shadow test, and a comparison that fails."""

from __future__ import annotations

import signal
import socket

import pytest

from loadgen.target import running_target
from rollout.shadow.live.tally import Fate
from tests.loadgen.target.client import Client
from tests.rollout.shadow.live.running import running_shadow
from tests.rollout.shadow.live.test_live import _ask, _port
from tests.scripted import HELLO, Peer, read_request, scripted_server

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def test_a_comparison_that_fails_ends_nothing() -> None:
    with (
        running_target() as production,
        running_target() as canary,
        running_shadow(_port(production), _port(canary)) as shadow,
        Client(shadow.url) as client,
    ):
        assert _ask(client, "GET", "/fail") == 404
        shadow.await_line("note: the comparison failed: ValueError: as asked")
        assert _ask(client, "GET", "/") == 200
        result, pairs = shadow.stop()
    assert [pair.request.target for pair in pairs] == ["/"]
    assert result.counts.fates[Fate.PAIRED] == 2


def test_the_duration_ends_it() -> None:
    with (
        running_target() as production,
        running_target() as canary,
        running_shadow(_port(production), _port(canary), duration="300ms") as shadow,
    ):
        assert shadow.process.wait(20) == 0


def test_an_answer_under_way_is_still_delivered_and_an_idle_connection_closed() -> None:
    def answer_when_told(connection: socket.socket, _number: int, peer: Peer) -> None:
        while read_request(connection, peer):
            connection.sendall(HELLO[:20])
            assert wake.recv(1) == b"."
            connection.sendall(HELLO[20:])

    wake, waker = socket.socketpair()
    with (
        wake,
        waker,
        scripted_server(answer_when_told) as production,
        running_target() as canary,
        running_shadow(production.port, _port(canary)) as shadow,
        socket.create_connection(("127.0.0.1", shadow.port), 20) as idle,
        socket.create_connection(("127.0.0.1", shadow.port), 20) as busy,
    ):
        busy.sendall(GET)
        assert busy.recv(20) == HELLO[:20]
        shadow.process.send_signal(signal.SIGTERM)
        assert idle.recv(1) == b"", "nothing is under way there"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", shadow.port), 20)
        waker.send(b".")
        assert busy.recv(1_000) == HELLO[20:]
        assert busy.recv(1) == b"", "and then it is closed"
        assert shadow.process.wait(20) == 0


def test_the_second_request_to_stop_waits_for_nobody() -> None:
    def hang(connection: socket.socket, _number: int, peer: Peer) -> None:
        if read_request(connection, peer):
            connection.recv(1)

    with (
        scripted_server(hang) as production,
        running_target() as canary,
        running_shadow(production.port, _port(canary)) as shadow,
        socket.create_connection(("127.0.0.1", shadow.port), 20) as idle,
        socket.create_connection(("127.0.0.1", shadow.port), 20) as busy,
    ):
        busy.sendall(GET)
        shadow.process.send_signal(signal.SIGTERM)
        assert idle.recv(1) == b""
        shadow.process.send_signal(signal.SIGTERM)
        assert shadow.process.wait(5) == 0
