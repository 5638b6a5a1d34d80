"""Requests of our own through the door of live traffic, counted by the side that answered.

Each goes over a new connection, so that neither a router that splits connections nor one that
keeps old ones for its old weights is measured wrong.
"""

from __future__ import annotations

import contextlib
import http.client
import threading
from types import TracebackType

from rollout.connection import open_connection, request_target, what_failed
from rollout.mark import Mark, Side
from rollout.routers.router import Served

__all__ = ["Prober"]

THREADS = 8
"""Requests at a time: enough to hide a round trip, too few to be a load."""
TIMEOUT_S = 2.0
PAUSE_S = 0.1
"""After a request without an answer, so that a dead door is not hammered."""


class Prober:
    """Sends GET requests, eight at a time, from entering to leaving the context.

    Args:
        url: of live traffic; its path is asked for.
        mark: tells the sides apart; None: the answers are not looked at.
    """

    def __init__(self, url: str, mark: Mark | None) -> None:
        self._url = url
        self._mark = mark
        self._counts = {Side.STABLE: 0, Side.CANARY: 0, None: 0}
        self._trouble = ""
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, name="loadgen-prober", daemon=True)
            for _ in range(THREADS)
        ]

    def __enter__(self) -> Prober:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def served(self) -> Served:
        """Answers so far by side, without those that could not be told."""
        with self._lock:
            return Served(stable=self._counts[Side.STABLE], canary=self._counts[Side.CANARY])

    @property
    def trouble(self) -> str:
        """What was wrong with answers that told no side, a clause; "" for none."""
        with self._lock:
            untold = self._counts[None]
            return f"{untold} requests told no side, the last: {self._trouble}" if untold else ""

    def _work(self) -> None:
        while not self._ending.is_set():
            try:
                side, trouble = self._ask()
            except (OSError, http.client.HTTPException) as error:
                side, trouble = None, what_failed(error)
            with self._lock:
                self._counts[side] += 1
                self._trouble = trouble or self._trouble
            if side is None:
                self._ending.wait(PAUSE_S)

    def _ask(self) -> tuple[Side | None, str]:
        """Who answered one request, and what was wrong when nobody can tell."""
        connection = open_connection(self._url, TIMEOUT_S)
        with contextlib.closing(connection):
            connection.request("GET", request_target(self._url), headers={"Connection": "close"})
            answer = connection.getresponse()
            answer.read()
        if self._mark is None:
            return Side.STABLE, ""
        value = answer.getheader(self._mark.header)
        side = self._mark.side(value, answer.status)
        shown = "no such header" if value is None else repr(value)
        return side, "" if side else f"{self._mark.header}: {shown}, status {answer.status}"
