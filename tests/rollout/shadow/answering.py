"""A real HTTP server that answers each request as a function says, and remembers it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

__all__ = ["Answering", "Given", "answering"]

Given = Callable[[str, str], object]
"""From method and target to what is answered: something JSON can say, or a status."""


@dataclass(kw_only=True)
class Answering:
    """A running server.

    Attributes:
        url: where it listens.
        requests: "METHOD target" of all so far.
        headers: of the last request.
    """

    url: str = ""
    requests: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256  # connections come all at once


@contextmanager
def answering(give: Given) -> Iterator[Answering]:
    """Runs a server beside the test."""
    told = Answering()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            self.rfile.read(length)
            told.requests.append(f"{self.command} {self.path}")
            told.headers = dict(self.headers.items())
            given = give(self.command, self.path)
            status, body = (given, {}) if type(given) is int else (200, given)
            content = json.dumps(body).encode()
            self.send_response_only(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_HEAD = do_POST = _answer  # noqa: N815, RUF100 - http.server's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its signature
            """Says nothing."""

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
