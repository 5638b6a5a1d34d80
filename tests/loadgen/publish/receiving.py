"""A server that takes whatever is posted to it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tests.scripted import Peer, read_request, scripted_server

__all__ = ["receiving"]


@contextmanager
def receiving(status: str = "200 OK") -> Iterator[tuple[str, list[bytes]]]:
    """Its URL and the requests that it gets."""
    received: list[bytes] = []

    def script(connection: socket.socket, _: int, __: Peer) -> None:
        while request := read_request(connection):
            received.append(request)
            connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())

    with scripted_server(script) as peer:
        yield f"http://127.0.0.1:{peer.port}", received
