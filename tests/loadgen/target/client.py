"""A client that sends exactly the bytes it is given; the standard library reads the answers."""

from __future__ import annotations

import io
import json
import socket
from contextlib import closing
from http.client import HTTPException, HTTPResponse
from typing import Any, NamedTuple
from urllib.parse import urlsplit

__all__ = ["Answer", "Client", "await_refusal", "get", "reset", "stats"]

PATIENCE_S = 20.0


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


class _Reader(io.BufferedReader):
    """HTTPResponse closes its file after each answer, but the next one is in there, too."""

    def close(self) -> None:
        pass


class Client:
    """One connection to a target."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self.socket = socket.create_connection((parts.hostname, parts.port or 80), PATIENCE_S)
        self._raw = self.socket.makefile("rb", buffering=0)
        self._reader = _Reader(self._raw)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._raw.close()
        self.socket.close()

    def makefile(self, _mode: str) -> _Reader:
        """What HTTPResponse asks of a socket."""
        return self._reader

    def send(self, *pieces: bytes) -> None:
        """Sends each piece as a packet of its own, as far as the kernel lets us."""
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            self.socket.sendall(piece)

    def line(self) -> bytes:
        """The next line of bytes."""
        return self._reader.readline()

    def answer(self, method: str = "GET") -> Answer:
        """The next answer; `method` tells whether it has a body."""
        response = HTTPResponse(self, method=method)  # type: ignore[arg-type]  # needs makefile only
        with closing(response):
            response.begin()
            body = response.read()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, body)

    @property
    def closed(self) -> bool:
        """True when the target has closed; waits for what comes next."""
        return self._reader.read(1) == b""


def get(url: str, path: str, method: str = "GET") -> Answer:
    """One request on a connection of its own."""
    with Client(url) as client:
        client.send(f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        return client.answer(method)


def await_refusal(url: str) -> None:
    """Asks until nobody listens any more; the test's own time limit ends a vain wait."""
    while True:
        try:
            get(url, "/")
        except ConnectionRefusedError:
            return
        except (ConnectionError, HTTPException):
            continue  # it is on its way out


def stats(url: str) -> dict[str, Any]:
    """What the target says it has counted."""
    value: dict[str, Any] = json.loads(get(url, "/_target/stats").body)
    return value


def reset(url: str) -> None:
    """Has the target count anew."""
    assert get(url, "/_target/reset", "POST").status == 200
