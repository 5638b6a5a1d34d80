"""The closed loop: a task per virtual user, by the rules and draws of `_ext/lg_closed.c`."""

from __future__ import annotations

import asyncio
import math
import time
from bisect import bisect_right
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from loadgen._plan import draws, schedule_level, schedule_next_at_least
from loadgen.slow_engine.driver import Driver, Frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from loadgen.slow_engine.client import Client
    from loadgen.wire import EnginePlan

__all__ = ["ClosedLoop"]

DRAWS_AT_ONCE = 64


class _Stream(IntEnum):
    """What draws are for (`_ext/lg_rng.h`)."""

    ENDPOINT = 1
    THINK = 3
    PAUSE = 4


class ClosedLoop(Driver):
    """Users that send, wait for the answer, pause."""

    def __init__(self, plan: EnginePlan, client: Callable[[int], Client]) -> None:
        """Makes the users.

        Args:
            plan: this worker's.
            client: makes a connection to the target with this index.
        """
        self._plan = plan
        targets = range(len(plan.targets))
        self._users = [
            _User(plan, number, [client(target) for target in targets])
            for number in range(plan.worker, plan.users, plan.workers)
        ]
        self.clients = [one for user in self._users for one in user.clients]
        self._tasks: list[asyncio.Task[None]] = []
        self._frame: Frame | None = None

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """The lives of the users."""
        return self._tasks

    async def prepare(self) -> None:
        """Users open their connections with their first request."""

    def begin(self, frame: Frame) -> None:
        """Lets every user live."""
        self._frame = frame
        self._tasks = [asyncio.create_task(user.live(frame)) for user in self._users]

    def end(self) -> None:
        """Users that wait for an answer get it; the others are over."""
        for user, task in zip(self._users, self._tasks, strict=True):
            if not user.is_waiting:
                task.cancel()

    def users(self, now_ns: int) -> int:
        """Those below the schedule's level."""
        if self._frame is None:
            return 0
        at_s = max(0, now_ns - self._frame.start_ns) / 1e9
        level = math.floor(schedule_level(self._plan.points, at_s) + 1e-9)
        return min(len(range(self._plan.worker, level, self._plan.workers)), len(self._users))


class _User:
    """One virtual user, with a connection to each target."""

    def __init__(self, plan: EnginePlan, number: int, clients: list[Client]) -> None:
        """number: over all workers."""
        self.clients = clients
        self._plan = plan
        self._number = number
        self._requests = 0
        self._burst = 0
        self._drawn: dict[tuple[_Stream, int], list[float]] = {}

    @property
    def is_waiting(self) -> bool:
        """True when an answer is awaited."""
        return any(client.is_waiting for client in self.clients)

    async def live(self, frame: Frame) -> None:
        """Sends until the end."""
        plan = self._plan
        spread_ns = plan.pause_ns[1] if plan.burst_size else plan.think_ns[1]
        first_ns = self._active_ns(frame, frame.start_ns)
        if first_ns is None:
            return
        at_ns = first_ns + self._draw_ns(_Stream.THINK, (0, spread_ns))
        while at_ns < frame.end_ns:
            await frame.until(at_ns)
            now_ns = time.monotonic_ns()
            active_ns = self._active_ns(frame, now_ns)
            if active_ns is None or now_ns >= frame.end_ns:
                return
            if active_ns > now_ns:
                at_ns = active_ns
                continue
            endpoint = self._endpoint()
            client = self.clients[plan.requests[endpoint].target]
            if client.retry_ns > now_ns:
                at_ns = client.retry_ns
                continue
            self._requests += 1
            await client.send(frame.turn(endpoint, at_ns))
            at_ns = max(client.free_ns + self._pause_ns(), client.retry_ns)

    def _active_ns(self, frame: Frame, now_ns: int) -> int | None:
        """When the schedule next has this user, from now on; None: not again."""
        points, level = self._plan.points, self._number + 1.0
        if len(points) == 1 and level <= points[0][1]:
            return now_ns
        from_s = max(0, now_ns - frame.start_ns) / 1e9
        at_s = schedule_next_at_least(points, level, from_s)
        if math.isinf(at_s):
            return None
        return now_ns if at_s <= from_s else frame.start_ns + int(at_s * 1e9)

    def _endpoint(self) -> int:
        cumulative = self._plan.cumulative
        return bisect_right(cumulative, self._draw(_Stream.ENDPOINT)) if len(cumulative) > 1 else 0

    def _pause_ns(self) -> int:
        if not self._plan.burst_size:
            return self._draw_ns(_Stream.THINK, self._plan.think_ns)
        self._burst += 1
        if self._burst < self._plan.burst_size:
            return 0
        self._burst = 0
        return self._draw_ns(_Stream.PAUSE, self._plan.pause_ns)

    def _draw_ns(self, stream: _Stream, bounds_ns: tuple[int, int]) -> int:
        low_ns, high_ns = bounds_ns
        return low_ns + int(self._draw(stream) * (high_ns - low_ns)) if high_ns else 0

    def _draw(self, stream: _Stream) -> float:
        """The draw of the request at hand; they are made some at a time."""
        block, place = divmod(self._requests, DRAWS_AT_ONCE)
        if (stream, block) not in self._drawn:
            first = (self._number << 32) | (block * DRAWS_AT_ONCE)
            counters = np.arange(first, first + DRAWS_AT_ONCE, dtype=np.uint64)
            self._drawn = {key: kept for key, kept in self._drawn.items() if key[0] is not stream}
            self._drawn[stream, block] = draws(self._plan.seed, stream, counters).tolist()
        return self._drawn[stream, block][place]
