"""Copies to one server: kept-alive connections, and every way in which an answer can fail."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import pytest

from loadgen.target_url import Target
from loadgen.tls import TlsOptions
from rollout.shadow.live.dialing import Dialer, Peer
from rollout.shadow.live.side import Copy, Side, Told
from tests.scripted import HELLO, read_request, reset, scripted_server
from tests.scripted import Peer as Server

GET = Copy(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", is_head=False)
Script = Callable[[socket.socket, int, Server], None]


async def _send(side: Side, copy: Copy = GET) -> Told:
    told: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
    side.send(copy, told.set_result)
    return await told


def _answers(port: int, *, copies: int = 1, timeout_s: float = 10.0) -> list[Told]:
    """Sends copies one after the other."""

    async def run() -> list[Told]:
        peer = Peer.find(Target.parse(f"http://127.0.0.1:{port}"), TlsOptions())
        side = Side(Dialer(peer).connect, timeout_s=timeout_s, limit_bytes=1_000)
        answers = [await _send(side) for _ in range(copies)]
        side.close()
        return answers

    return asyncio.run(run())


def _hello(connection: socket.socket, _number: int, peer: Server) -> None:
    while read_request(connection, peer):
        connection.sendall(HELLO)


def test_a_connection_carries_one_copy_after_the_other() -> None:
    with scripted_server(_hello) as server:
        answers = _answers(server.port, copies=3)
        assert (server.requests, server.connections) == (3, 1)
    assert [(told.answer, told.status, told.error) for told in answers] == [(HELLO, 200, "")] * 3
    assert all(told.service_ns > 0 for told in answers)


def test_copies_at_once_have_connections_of_their_own() -> None:
    async def run(port: int) -> list[Told]:
        peer = Peer.find(Target.parse(f"http://127.0.0.1:{port}"), TlsOptions())
        side = Side(Dialer(peer).connect, timeout_s=10, limit_bytes=1_000)
        answers = await asyncio.gather(*(_send(side) for _ in range(5)))
        side.close()
        return answers

    with scripted_server(_hello) as server:
        assert [told.status for told in asyncio.run(run(server.port))] == [200] * 5
        assert server.connections == 5


def _close_before(connection: socket.socket, _number: int, peer: Server) -> None:
    read_request(connection, peer)


def _close_within(connection: socket.socket, _number: int, peer: Server) -> None:
    read_request(connection, peer)
    connection.sendall(HELLO[:-1])


def _reset(connection: socket.socket, _number: int, peer: Server) -> None:
    read_request(connection, peer)
    reset(connection)


def _hang(connection: socket.socket, _number: int, peer: Server) -> None:
    read_request(connection, peer)
    connection.recv(1)


def _babble(connection: socket.socket, _number: int, peer: Server) -> None:
    read_request(connection, peer)
    connection.sendall(b"220 mail.example ESMTP\r\n")
    connection.recv(1)


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (_close_before, "closed"),
        (_close_within, "closed"),
        (_reset, "reset"),
        (_hang, "timeout"),
        (_babble, "protocol"),
    ],
)
def test_an_answer_that_fails_says_how(script: Script, error: str) -> None:
    with scripted_server(script) as server:
        (told,) = _answers(server.port, timeout_s=0.2 if error == "timeout" else 10)
        assert (told.error, told.status) == (error, 0)
        assert server.requests == 1


def test_nobody_listening_is_an_error_of_its_own() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    (told,) = _answers(port)
    assert told.error == "connect_refused"


def test_a_server_that_closes_idle_connections_gets_the_copy_on_a_fresh_one() -> None:
    def once(connection: socket.socket, _number: int, peer: Server) -> None:
        read_request(connection, peer)
        connection.sendall(HELLO)
        reset(connection)

    with scripted_server(once) as server:
        answers = _answers(server.port, copies=4)
        assert [told.error for told in answers] == [""] * 4
        assert server.requests == 4


def test_an_answer_that_ends_with_the_connection_is_whole() -> None:
    def until_close(connection: socket.socket, _number: int, peer: Server) -> None:
        read_request(connection, peer)
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nall of it")

    with scripted_server(until_close) as server:
        (told,) = _answers(server.port)
    assert (told.status, told.error, told.by_close) == (200, "", True)


def test_of_a_large_answer_a_part_is_kept_and_the_connection_goes_on() -> None:
    body = b"x" * 300_000

    def large(connection: socket.socket, _number: int, peer: Server) -> None:
        while read_request(connection, peer):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + body)

    with scripted_server(large) as server:
        answers = _answers(server.port, copies=2)
        assert server.connections == 1
    assert all(told.is_cut and len(told.answer) <= 1_000 for told in answers)
    assert [(told.status, told.error) for told in answers] == [(200, "")] * 2
