"""Calls at a given nanosecond, from an event loop whose own timers know only milliseconds.

One timerfd serves all: libuv rounds every timeout to a whole millisecond, which would be
5 % of a latency of 20 ms; the kernel's timer is late by its wake-up alone (some 50 us).
"""

from __future__ import annotations

import asyncio
import ctypes
import heapq
import os
import time
from collections.abc import Callable
from itertools import count
from typing import Final

__all__ = ["Timer"]

_CLOCK_MONOTONIC: Final = 1
_TFD_NONBLOCK_CLOEXEC: Final = 0o2004000
_TFD_TIMER_ABSTIME: Final = 1


class _Timespec(ctypes.Structure):
    _fields_ = (("tv_sec", ctypes.c_long), ("tv_nsec", ctypes.c_long))


class _Itimerspec(ctypes.Structure):
    _fields_ = (("it_interval", _Timespec), ("it_value", _Timespec))


class Timer:
    """Runs callbacks in the loop at CLOCK_MONOTONIC times, equal ones in the order given."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        # os.timerfd_create came with Python 3.13.
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = self._libc.timerfd_create(_CLOCK_MONOTONIC, _TFD_NONBLOCK_CLOEXEC)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        self._loop = loop
        self._due: list[tuple[int, int, Callable[[int], None]]] = []
        self._order = count()
        loop.add_reader(self._fd, self._fire)

    def call_at(self, due_ns: int, callback: Callable[[int], None]) -> None:
        """Calls callback(now_ns) as soon as due_ns has come; a past time means at once."""
        entry = (due_ns, next(self._order), callback)
        heapq.heappush(self._due, entry)
        if self._due[0] is entry:
            self._arm(due_ns)

    def close(self) -> None:
        """Forgets what is due."""
        self._loop.remove_reader(self._fd)
        os.close(self._fd)
        self._due.clear()

    def _fire(self) -> None:
        try:
            os.read(self._fd, 8)
        except BlockingIOError:
            return  # armed anew since the loop saw it
        now_ns = time.monotonic_ns()
        while self._due and self._due[0][0] <= now_ns:
            heapq.heappop(self._due)[2](now_ns)
        if self._due:
            self._arm(self._due[0][0])

    def _arm(self, due_ns: int) -> None:
        seconds, nanoseconds = divmod(max(due_ns, 1), 1_000_000_000)  # 0 would disarm
        spec = _Itimerspec(_Timespec(0, 0), _Timespec(seconds, nanoseconds))
        self._libc.timerfd_settime(self._fd, _TFD_TIMER_ABSTIME, ctypes.byref(spec), None)
