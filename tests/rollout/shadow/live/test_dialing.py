"""Connections to a side whose addresses do not all answer."""

from __future__ import annotations

import asyncio
import socket

import pytest

from loadgen.address import Address
from loadgen.target_url import Target
from rollout.shadow.live.dialing import Dialer, Peer
from tests.scripted import HELLO, scripted_server
from tests.scripted import Peer as Server


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _peer(*ports: int) -> Peer:
    return Peer(
        target=Target.parse("http://app.example"),
        addresses=tuple(Address(host="127.0.0.1", port=port) for port in ports),
    )


class _Guest(asyncio.Protocol):
    """Waits to be greeted."""

    def __init__(self) -> None:
        self.greeted = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        assert data == HELLO
        self.greeted.set()


async def _connect(peer: Peer, times: int) -> None:
    dialer = Dialer(peer)
    for _ in range(times):
        guest = _Guest()
        await dialer.connect(lambda guest=guest: guest)  # type: ignore[misc]  # its default is one
        await guest.greeted.wait()


def _greet(connection: socket.socket, _number: int, _peer: Server) -> None:
    connection.sendall(HELLO)


def test_addresses_take_turns() -> None:
    with scripted_server(_greet) as one, scripted_server(_greet) as other:
        asyncio.run(_connect(_peer(one.port, other.port), 4))
        assert (one.connections, other.connections) == (2, 2)


def test_an_address_that_refuses_is_passed_over() -> None:
    with scripted_server(_greet) as server:
        asyncio.run(_connect(_peer(_closed_port(), server.port), 4))
        assert server.connections == 4


def test_when_none_answers_the_last_error_is_told() -> None:
    with pytest.raises(ConnectionRefusedError):
        asyncio.run(_connect(_peer(_closed_port(), _closed_port()), 1))
