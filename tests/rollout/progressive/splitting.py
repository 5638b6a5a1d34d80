"""A door of live traffic that splits it by a file, and says in each answer who gave it.

The weight is set by a command, as a user's own router would: a shell that writes the file.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SET = 'echo "$0" > "$1/weight"; echo "weight $0" >> "$1/actions"'
ANSWER = "HTTP/1.1 200 OK\r\nX-Version: {}\r\nContent-Length: 2\r\nConnection: {}\r\n\r\nok"


class _Door(asyncio.Protocol):
    """One connection; requests have no body."""

    share = 0.0
    """Of the canary that has not been given yet, in hundredths of a request."""

    def __init__(self, folder: Path, opened: set[asyncio.Transport]) -> None:
        self._opened = opened
        self._weight = folder / "weight"
        self._data = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._opened.add(transport)

    def connection_lost(self, _error: Exception | None) -> None:
        assert self._transport is not None
        self._opened.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._data += data
        assert self._transport is not None
        while b"\r\n\r\n" in self._data:
            head, _, self._data = self._data.partition(b"\r\n\r\n")
            closes = b"connection: close" in head.lower()
            self._transport.write(self._answer(closes).encode())
            if closes:
                self._transport.close()

    def _answer(self, closes: bool) -> str:
        _Door.share += float(self._weight.read_text() or 0)
        version = "v1"
        if _Door.share >= 100:
            _Door.share -= 100
            version = "v2"
        return ANSWER.format(version, "close" if closes else "keep-alive")


@contextmanager
def splitting(folder: Path) -> Iterator[str]:
    """The door, open for a while; all traffic is stable at first.

    Yields:
        Its URL.
    """
    (folder / "weight").write_text("0")
    loop = asyncio.new_event_loop()
    opened: set[asyncio.Transport] = set()
    server = loop.run_until_complete(
        loop.create_server(lambda: _Door(folder, opened), "127.0.0.1", 0, backlog=1024)
    )
    port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(_close(server, opened))
        loop.close()


async def _close(server: asyncio.Server, opened: set[asyncio.Transport]) -> None:
    """Ends every connection, also one that was accepted a moment ago."""
    server.close()
    await asyncio.sleep(0.02)
    for transport in list(opened):
        transport.abort()
    await asyncio.sleep(0.02)  # they are closed in the loop's next turn


def config(folder: Path, url: str, **more: object) -> str:
    """A loadgen.yml whose router is the door's file."""
    rollout = {
        "url": url,
        "router": {
            "kind": "command",
            "command": ["sh", "-c", SET, "{percentage}", str(folder)],
            "get_command": ["cat", str(folder / "weight")],
        },
        "mark": {"header": "X-Version", "canary": "v2"},
        **more,
    }
    return json.dumps({"rollout": rollout})
