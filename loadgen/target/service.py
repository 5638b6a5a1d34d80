"""What all connections of one process share: which answer, when, and the counts."""

from __future__ import annotations

import asyncio
import json
import random
import time
from typing import Final

import httptools

from loadgen.target import counters
from loadgen.target.answers import Answer, Answers, answer_wire
from loadgen.target.counters import Counters
from loadgen.target.settings import Behaviour
from loadgen.target.stats import describe
from loadgen.target.timer import Timer

__all__ = ["CONTROL_PATH", "Service", "path_of"]

CONTROL_PATH: Final = "/_target/"
"""What begins like this steers the target and is counted nowhere."""


class Service:
    """One process's half of the target: everything but sockets.

    Attributes:
        counts: the slot of this process.
        exact: answers to plain (method, path) pairs.
        picky: a request needs more than `exact` to be answered.
        transports: of the connections that are open.
        timer: wakes connections whose answers wait.

    Args:
        behaviour: how the target answers.
        memory: the counters of all processes.
        process: the index of this one.
        started_ns: the server's start, from which stalls are reckoned.
        timer: of this process's loop.
    """

    def __init__(
        self,
        behaviour: Behaviour,
        *,
        memory: Counters,
        process: int,
        started_ns: int,
        timer: Timer,
    ) -> None:
        self._answers = Answers(chunked=behaviour.chunked, body_bytes=behaviour.body_bytes)
        self._behaviour = behaviour
        self._delays = {path: behaviour.latency_of(path) for path in counters.PATHS}
        self._memory = memory
        self._started_ns = started_ns
        self._rng = random.Random(f"{behaviour.seed}/{process}")
        self.counts = memory.slot(process)
        self.exact = self._answers.exact()
        self.picky = behaviour.chunked or behaviour.error_share > 0
        self.transports: set[asyncio.Transport] = set()
        self.timer = timer

    def choose(self, method: str, path: str, *, http_1_0: bool) -> Answer:
        """The answer to any request.

        Args:
            method: in capitals.
            path: without its query.
            http_1_0: the client is of that age.
        """
        if path.startswith(CONTROL_PATH):
            return self._control(method, path.removeprefix(CONTROL_PATH))
        share = self._behaviour.error_share
        error = share > 0 and self._rng.random() < share
        return self._answers.find(path, method, error=error, http_1_0=http_1_0)

    def due_ns(self, word: int, now_ns: int) -> int:
        """When an answer that is ready now may go out.

        Args:
            word: the counter of the answer, which tells its kind.
            now_ns: CLOCK_MONOTONIC.
        """
        if word == counters.CONTROL:
            return now_ns
        behaviour = self._behaviour
        if word >= counters.FIRST_ANSWER:
            now_ns += self._delays[counters.path_of_word(word)].draw_ns(self._rng)
        if behaviour.stall is None:
            return now_ns
        return self._started_ns + behaviour.stall.release_ns(now_ns - self._started_ns)

    def _control(self, method: str, name: str) -> Answer:
        match name, method:
            case "stats", "GET" | "HEAD":
                status, value = 200, self._stats()
            case "reset", "POST":
                self._memory.reset(time.monotonic_ns())
                status, value = 200, {"reset": True}
            case "stats" | "reset", _:
                needed = "GET" if name == "stats" else "POST"
                status, value = 405, {"error": f"{method} is not allowed here; use {needed}"}
            case _:
                status, value = 404, {"error": "there are /_target/stats and /_target/reset"}
        body = json.dumps(value, indent=1).encode() + b"\n"
        keep, close = (
            answer_wire(status, body, keep=keep, head=method == "HEAD") for keep in (True, False)
        )
        return Answer(counters.CONTROL, keep, close)

    def _stats(self) -> dict[str, object]:
        return describe(
            self._memory.read(),
            started_ns=self._started_ns,
            now_ns=time.monotonic_ns(),
            stall=self._behaviour.stall,
        )


def path_of(url: bytes) -> str:
    """The path that a request means, from its target as it was sent (RFC 9112 section 3.2)."""
    if not url.startswith((b"/", b"*")):
        try:
            url = httptools.parse_url(url).path or b"/"
        except httptools.HttpParserInvalidURLError:
            return ""  # the authority that CONNECT names
    return url.partition(b"?")[0].decode("latin-1")
