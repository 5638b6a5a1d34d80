"""What the target answers, as the bytes that go out. Pure; built once, before the first request.

The head is as short as an honest server's: Server, Content-Type, the framing, Connection.
There is no Date, which would have to be rebuilt each second.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from itertools import product
from types import MappingProxyType
from typing import Final, NamedTuple

from loadgen.target.counters import METHODS, OTHER, PATHS, answer_word

__all__ = ["CONTINUE", "Answer", "Answers", "answer_wire", "bare_wire"]

CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_CHUNK_BYTES = 4096

_BODIES: Final[Mapping[str, object]] = MappingProxyType(
    {
        "/": {"service": "loadgen target", "endpoints": list(PATHS[1:-1])},
        "/api/health": {"status": "ok", "version": "1.4.2"},
        "/api/users": {
            "users": [
                {"id": 1, "name": "Ada Lovelace", "active": True},
                {"id": 2, "name": "Grace Hopper", "active": True},
            ],
            "total": 2,
        },
        "/api/orders": {
            "orders": [
                {"id": 7001, "user": 1, "items": 3, "total": 149.5, "state": "shipped"},
                {"id": 7002, "user": 2, "items": 1, "total": 19.9, "state": "open"},
            ],
            "total": 2,
        },
        "/api/products": {
            "products": [
                {"id": 11, "name": "Keyboard", "price": 49.9, "stock": 120},
                {"id": 12, "name": "Monitor", "price": 199.0, "stock": 35},
                {"id": 13, "name": "Cable", "price": 4.5, "stock": 900},
            ],
            "total": 3,
        },
        "/api/analytics": {
            "period": "24h",
            "visits": 18234,
            "orders": 412,
            "conversion": 0.0226,
        },
        "/api/search": {"query": "", "hits": [{"id": 11, "score": 0.92}], "took_ms": 3},
    }
)


class Answer(NamedTuple):
    """One answer, ready to be sent.

    Attributes:
        word: the counter that counts it.
        keep: the bytes when the connection stays open.
        close: the bytes when it is closed afterwards.
    """

    word: int
    keep: bytes
    close: bytes


class Answers:
    """Every answer of a target, by method and path.

    Args:
        chunked: bodies are sent in chunks, except to HTTP/1.0, which knows none.
        body_bytes: size of every 200's body; None for the endpoints' own.
    """

    def __init__(self, *, chunked: bool = False, body_bytes: int | None = None) -> None:
        self._chunked = chunked
        sized = None if body_bytes is None else _sized_body(body_bytes)
        self._bodies = {
            path: _json(_BODIES[path]) if sized is None else sized
            for path in PATHS
            if path != OTHER
        }
        self._by_key = {
            (path, method, status, framed): self._build(path, method, status, framed)
            for path, method, status, framed in product(
                PATHS, METHODS, (200, 404, 500), {False, chunked}
            )
            if (path == OTHER) == (status == 404) or status == 500
        }

    def find(
        self, path: str, method: str, *, error: bool = False, http_1_0: bool = False
    ) -> Answer:
        """The answer to a request.

        Args:
            path: without its query; unknown ones are answered 404.
            method: in capitals; all are answered like GET, HEAD without the body.
            error: answer 500 whatever was asked.
            http_1_0: the client does not know chunks.
        """
        path = path if path in self._bodies else OTHER
        method = method if method in METHODS else OTHER
        status = 500 if error else 404 if path == OTHER else 200
        return self._by_key[path, method, status, self._chunked and not http_1_0]

    def exact(self) -> dict[tuple[bytes, bytes], Answer]:
        """The answers to the plain (method, path) pairs, for the way of most requests."""
        return {
            (method.encode(), path.encode()): self.find(path, method)
            for path in self._bodies
            for method in METHODS
            if method != OTHER
        }

    def _build(self, path: str, method: str, status: int, chunked: bool) -> Answer:
        if status == 200:
            body = self._bodies[path]
        else:
            body = _json({"error": HTTPStatus(status).phrase.lower()})
        keep, close = (
            answer_wire(status, body, keep=keep, chunked=chunked, head=method == "HEAD")
            for keep in (True, False)
        )
        return Answer(answer_word(path, method, status), keep, close)


def answer_wire(
    status: int, body: bytes, *, keep: bool, chunked: bool = False, head: bool = False
) -> bytes:
    """One answer with a JSON body.

    Args:
        status: of the answer.
        body: a JSON text.
        keep: announce that the connection stays open (HTTP/1.0 needs to be told).
        chunked: in chunks of up to 4 KiB, at least two where the body has two bytes.
        head: leave the body out, but announce it all the same (RFC 9110 section 9.3.2).
    """
    framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
    header = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
        "Server: loadgen-target\r\n"
        "Content-Type: application/json\r\n"
        f"{framing}\r\n"
        f"Connection: {'keep-alive' if keep else 'close'}\r\n\r\n"
    ).encode()
    if head:
        return header
    return header + (_in_chunks(body) if chunked else body)


def bare_wire(status: HTTPStatus) -> bytes:
    """The last answer on a connection whose bytes were no request we can serve."""
    return answer_wire(status, _json({"error": status.phrase.lower()}), keep=False)


def _in_chunks(body: bytes) -> bytes:
    size = max(1, min(_CHUNK_BYTES, -(-len(body) // 2)))
    pieces = (body[at : at + size] for at in range(0, len(body), size))
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _sized_body(size_bytes: int) -> bytes:
    """JSON of exactly this size: a string of x where there is room for its quotes."""
    if size_bytes < 2:
        return b"0" * size_bytes
    return b'"' + b"x" * (size_bytes - 2) + b'"'
