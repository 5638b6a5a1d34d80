"""Waits until a program that was started listens on its port."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

__all__ = ["listens"]

EVERY_S = 0.02


def listens(port: int, *, is_running: Callable[[], bool], within_s: float) -> bool:
    """True once the port of this machine takes connections.

    Args:
        port: of TCP, on 127.0.0.1.
        is_running: the program has not ended; when it has, waiting is over.
        within_s: patience in seconds.
    """
    deadline_s = time.monotonic() + within_s
    while time.monotonic() < deadline_s and is_running():
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(EVERY_S)  # there is nothing to wait on: nobody tells when it listens
        else:
            return True
    return False
