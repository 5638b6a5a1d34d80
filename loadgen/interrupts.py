"""Being asked to stop: by a signal or by another thread. Handlers only note it; the loop acts."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["Interrupts"]

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """Counts requests to stop and makes a descriptor readable for whoever waits in select.

    Attributes:
        asked: how often a stop was asked for: once ends the run early, twice at once.
        fd: becomes readable with each request.
    """

    __slots__ = ("_write_fd", "asked", "fd")

    def __init__(self) -> None:
        self.fd, self._write_fd = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.asked = 0

    def ask(self) -> None:
        """Asks for a stop; from any thread or signal handler. Nobody hears it once it is closed."""
        self.asked += 1
        if self._write_fd >= 0:
            os.write(self._write_fd, b".")

    def drain(self) -> None:
        """Makes fd unreadable again."""
        while True:
            try:
                os.read(self.fd, 64)
            except BlockingIOError:
                return

    def close(self) -> None:
        """Gives both descriptors back."""
        write_fd, self._write_fd = self._write_fd, -1
        os.close(self.fd)
        os.close(write_fd)

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Has SIGINT, SIGTERM and SIGHUP ask for a stop; does nothing off the main thread."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def note(_number: int, _frame: FrameType | None) -> None:
            self.ask()

        before = {number: signal.signal(number, note) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
