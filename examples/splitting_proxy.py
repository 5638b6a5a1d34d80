"""A proxy that sends a part of its requests to a second server, for a demo without HAProxy.

The part, in percent, stands in a file that is read for each request. Run as a program it writes
that file: python examples/splitting_proxy.py FILE PERCENTAGE
"""

from __future__ import annotations

import http.client
import random
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["MARK_HEADER", "running_splitting_proxy"]

MARK_HEADER = "X-Version"


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, stable_url: str, canary_url: str, weight: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Forwarder)
        self.servers = {
            "stable": urlsplit(stable_url).netloc,
            "canary": urlsplit(canary_url).netloc,
        }
        self.weight = weight


class _Forwarder(BaseHTTPRequestHandler):
    """One client's connection, with one of its own to each server."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: two would wait 40 ms for each other
    server: _Proxy

    def setup(self) -> None:
        """Opens nothing yet: the first request to a side does."""
        super().setup()
        self.sides = {
            side: http.client.HTTPConnection(server, timeout=10)
            for side, server in self.server.servers.items()
        }

    def finish(self) -> None:
        """Closes what was opened."""
        super().finish()
        for connection in self.sides.values():
            connection.close()

    def do_GET(self) -> None:
        """Asks one of the sides, and says which."""
        percent = float(self.server.weight.read_text())
        side = "canary" if 100 * random.random() < percent else "stable"
        self.sides[side].request("GET", self.path)
        answer = self.sides[side].getresponse()
        body = answer.read()
        self.send_response(answer.status)
        self.send_header(MARK_HEADER, side)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def running_splitting_proxy(stable_url: str, canary_url: str, weight: Path) -> Iterator[str]:
    """Serves until the context is left.

    Args:
        stable_url: the server that gets the rest.
        canary_url: the server that gets the part.
        weight: the file with the part, in percent.

    Yields:
        The proxy's URL.
    """
    _write(weight, "0")
    with _Proxy(stable_url, canary_url, weight) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{proxy.server_address[1]}"
        proxy.shutdown()


def _write(weight: Path, percentage: str) -> None:
    """Replaces the file as a whole, so that nobody reads an empty one."""
    beside = weight.with_suffix(".new")
    beside.write_text(percentage)
    beside.replace(weight)


if __name__ == "__main__":
    _write(Path(sys.argv[1]), sys.argv[2])
