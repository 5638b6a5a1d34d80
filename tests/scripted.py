"""A real TCP server that does on each connection exactly what a test's script says."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["HELLO", "Peer", "Script", "read_request", "reset", "scripted_server"]

HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
PATIENCE_S = 10.0

Script = Callable[[socket.socket, int], None]
"""Called in a thread of its own with each connection and its number, counted from 0."""


class Peer:
    """The running server.

    Attributes:
        port: where it listens on 127.0.0.1.
        requests: how many requests `read_request` has seen.
        connections: how many connections it has accepted.
    """

    def __init__(self, listener: socket.socket) -> None:
        self.port: int = listener.getsockname()[1]
        self.requests = 0
        self.connections = 0
        self._listener = listener

    def refuse(self) -> None:
        """Accepts nothing from now on; open connections stay."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)


def read_request(connection: socket.socket, peer: Peer | None = None) -> bytes:
    """Reads one request with its Content-Length body; b"" when the client has closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        body += connection.recv(65536)
    if peer is not None:
        peer.requests += 1
    return head + b"\r\n\r\n" + body


def reset(connection: socket.socket) -> None:
    """Closes with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@contextmanager
def scripted_server(script: Callable[[socket.socket, int, Peer], None]) -> Iterator[Peer]:
    """Serves until the block ends; the connections that are open then are shut down."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        peer = Peer(listener)
        open_connections: list[socket.socket] = []

        def serve(connection: socket.socket, number: int) -> None:
            # A client that closes while the script goes on is what many scripts provoke.
            with contextlib.suppress(OSError), connection:
                connection.settimeout(PATIENCE_S)
                script(connection, number, peer)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    open_connections.append(connection)
                    number = peer.connections
                    peer.connections += 1
                    threading.Thread(target=serve, args=(connection, number), daemon=True).start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield peer
        finally:
            peer.refuse()
            accepting.join(PATIENCE_S)
            for connection in open_connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
