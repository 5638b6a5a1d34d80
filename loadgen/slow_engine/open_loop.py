"""The open loop: arrivals at times that the plan alone decides, as in `_ext/lg_open.c`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from loadgen._plan import arrivals
from loadgen.slow_engine.driver import Driver, Frame

if TYPE_CHECKING:
    from loadgen.slow_engine.client import Client
    from loadgen.slow_engine.recorder import Recorder, Turn
    from loadgen.wire import EnginePlan

__all__ = ["OpenLoop"]

OPENING_AT_ONCE = 64
"""A listen backlog is 128 or more."""
SENDS_PER_ROUND = 32
"""Answers wait for at most this many sends."""


class OpenLoop(Driver):
    """A pool of connections per target, fed by the target's arrivals."""

    def __init__(
        self, plan: EnginePlan, client: Callable[[int], Client], recorder: Recorder
    ) -> None:
        """Makes the pools.

        Args:
            plan: this worker's.
            client: makes a connection to the target with this index.
            recorder: is told of arrivals that were never sent.
        """
        self._keepalive = plan.keepalive
        share = len(range(plan.worker, plan.connections, plan.workers))
        self._pools = [
            _Pool(plan, target, [client(target) for _ in range(share)], recorder)
            for target in range(len(plan.targets))
        ]
        self.clients = [one for pool in self._pools for one in pool.clients]

    async def prepare(self) -> None:
        """Tries every connection once, some at a time."""
        if not self._keepalive:
            return
        for first in range(0, len(self.clients), OPENING_AT_ONCE):
            batch = self.clients[first : first + OPENING_AT_ONCE]
            await asyncio.gather(*(client.open() for client in batch))

    def begin(self, frame: Frame) -> None:
        """Lets the arrivals come."""
        for pool in self._pools:
            pool.begin(frame)

    def end(self) -> None:
        """Counts the arrivals that were not sent."""
        for pool in self._pools:
            pool.end()

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """Those that feed the pools, and the requests that are on their way."""
        return [task for pool in self._pools for task in pool.tasks]

    def users(self, _now_ns: int) -> int:
        """An open loop has none."""
        return 0


class _Pool:
    """The connections to one target; the last used is used first: it is the freshest."""

    def __init__(
        self, plan: EnginePlan, target: int, clients: Sequence[Client], recorder: Recorder
    ) -> None:
        self.clients = clients
        self._recorder = recorder
        self._free = list(reversed(clients))
        self._freed = asyncio.Event()
        self._next = 0
        self._sending: dict[asyncio.Task[None], tuple[Client, Turn]] = {}
        self._broken: list[asyncio.Task[None]] = []
        self._feeder: asyncio.Task[None] | None = None
        self._frame: Frame | None = None
        _, self._due_ns, self._endpoints = arrivals(
            plan.points,
            "poisson" if plan.poisson else "uniform",
            plan.seed,
            plan.cumulative,
            [request.target for request in plan.requests],
            target,
            plan.worker,
            plan.workers,
            plan.total_ns / 1e9,
            plan.paired,
        )

    def begin(self, frame: Frame) -> None:
        self._frame = frame
        self._feeder = asyncio.create_task(self._feed(frame))

    def end(self) -> None:
        assert self._frame is not None
        assert self._feeder is not None
        self._feeder.cancel()
        # What was due before any connection became free had none, even when an answer that
        # came at the very end has freed one since. One in back-off is not free.
        now_ns = time.monotonic_ns()
        free_since_ns = min(
            (client.free_ns for client in self._free if client.retry_ns <= now_ns), default=now_ns
        )
        frame = self._frame
        while self._next < len(self._due_ns):
            intended_ns = frame.start_ns + int(self._due_ns[self._next])
            if intended_ns >= frame.end_ns:
                break
            if intended_ns >= frame.measure_ns:
                busy = intended_ns < free_since_ns
                self._recorder.dropped(int(self._endpoints[self._next]), busy=busy)
            self._next += 1
        for task, (client, _) in self._sending.items():
            if not client.is_waiting:
                task.cancel()

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        return [*([self._feeder] if self._feeder else []), *self._sending, *self._broken]

    async def _feed(self, frame: Frame) -> None:
        while self._next < len(self._due_ns):
            intended_ns = frame.start_ns + int(self._due_ns[self._next])
            await frame.until(intended_ns)
            client = await self._await_free(frame)
            if time.monotonic_ns() >= frame.end_ns:
                return
            turn = frame.turn(int(self._endpoints[self._next]), intended_ns)
            self._next += 1
            task = asyncio.create_task(client.send(turn))
            self._sending[task] = client, turn
            task.add_done_callback(self._put_back)
            if self._next % SENDS_PER_ROUND == 0:
                await asyncio.sleep(0)

    async def _await_free(self, frame: Frame) -> Client:
        while True:
            client = self._take(time.monotonic_ns())
            if client is not None:
                return client
            if self._free:
                await frame.until(min(client.retry_ns for client in self._free))
            else:
                self._freed.clear()
                await self._freed.wait()

    def _take(self, now_ns: int) -> Client | None:
        """A connection that stands, else one that may be opened."""
        last_first = range(len(self._free) - 1, -1, -1)
        standing = (i for i in last_first if self._free[i].is_open)
        closed = (i for i in last_first if self._free[i].retry_ns <= now_ns)
        place = next(standing, None)
        place = next(closed, None) if place is None else place
        return None if place is None else self._free.pop(place)

    def _put_back(self, task: asyncio.Task[None]) -> None:
        client, turn = self._sending.pop(task)
        self._free.append(client)
        self._freed.set()
        if not task.cancelled():
            self._broken += [task] if task.exception() else []
        elif not (turn.begun or turn.warmup):
            self._recorder.dropped(turn.endpoint, busy=False)  # the end came before its first step
