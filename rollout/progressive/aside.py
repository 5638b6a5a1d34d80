"""A blocking call beside a loop that must not wait: it runs in a thread, the loop goes on.

What the call has to have done by the loop's own thread (a journal has one writer) is handed
over, and the call goes on when it is done.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

__all__ = ["Aside", "HandOver"]

T = TypeVar("T")
HandOver: TypeAlias = Callable[[Callable[[], None]], None]
"""Has the loop's thread do something, and returns when that is done."""


class Aside(Generic[T]):
    """A call in a thread of its own; a daemon, so that a hanging one keeps nobody from ending.

    Args:
        work: the call; it is given the way to hand something over.
        name: of the thread.
    """

    def __init__(self, work: Callable[[HandOver], T], *, name: str) -> None:
        self._work = work
        self._handed: queue.SimpleQueue[tuple[Callable[[], None], threading.Event]]
        self._handed = queue.SimpleQueue()
        self._result: list[T] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def is_done(self) -> bool:
        """Does what was handed over; True when the call has ended."""
        while not self._handed.empty():
            act, done = self._handed.get()
            try:
                act()
            finally:
                done.set()
        return not self._thread.is_alive()

    def result(self) -> T:
        """What the call returned; raises what it raised. Only when it is done."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._result[0]

    def _hand_over(self, act: Callable[[], None]) -> None:
        done = threading.Event()
        self._handed.put((act, done))
        done.wait()

    def _run(self) -> None:
        try:
            self._result.append(self._work(self._hand_over))
        except BaseException as error:
            self._error = error
