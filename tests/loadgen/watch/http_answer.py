"""A server that answers each request with the next of some JSON bodies."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.scripted import read_request

__all__ = ["Asked", "serving"]

Asked = list[str]
"""The request lines that came in."""


@contextmanager
def serving(path: Path, *answers: tuple[int, object]) -> Iterator[Asked]:
    """Listens on a Unix socket, as Docker does.

    Args:
        path: of the socket.
        answers: status and body of each answer; the last one is given again and again.
    """
    asked: Asked = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        while request := read_request(connection):
                            asked.append(request.decode().splitlines()[0])
                            status, body = answers[min(len(asked), len(answers)) - 1]
                            content = json.dumps(body)
                            head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\n\r\n"
                            connection.sendall((head + content).encode())

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield asked
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)
