"""Work beside a run: one thread that handles the newest of what it is offered.

Offering takes microseconds and never waits, so that a slow peer cannot hold up who offers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Background"]

T = TypeVar("T")


class Background(Generic[T]):
    """A thread that handles items one after the other, leaving out those that are outdated.

    What is offered while the thread is busy replaces what already waits. The thread is a
    daemon: when it hangs, it does not keep the program from ending.

    Args:
        handle: called in the thread with each item; must not raise.
        name: of the thread.
    """

    def __init__(self, handle: Callable[[T], None], *, name: str) -> None:
        self._handle = handle
        self._waiting: list[T] = []
        self._ending = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def offer(self, item: T) -> None:
        """Hands over the newest item; ignored after `finish`."""
        with self._changed:
            if not self._ending:
                self._waiting = [item]
                self._changed.notify()

    def finish(self, *, within_s: float) -> bool:
        """Waits until the last item is handled.

        Args:
            within_s: the longest wait.

        Returns:
            False when the thread is still busy after it.
        """
        with self._changed:
            self._ending = True
            self._changed.notify()
        self._thread.join(within_s)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._ending)
                if not self._waiting:
                    return
                item = self._waiting.pop()
            self._handle(item)
