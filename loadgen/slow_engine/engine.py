"""One worker's slow engine: from ready to done, by the states of `_ext/lg_engine.c`."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from loadgen.arena import WorkerState
from loadgen.slow_engine.client import Client
from loadgen.slow_engine.closed_loop import ClosedLoop
from loadgen.slow_engine.dialer import Dialer
from loadgen.slow_engine.driver import Frame
from loadgen.slow_engine.open_loop import OpenLoop
from loadgen.slow_engine.recorder import Recorder

if TYPE_CHECKING:
    from loadgen.arena import Arena
    from loadgen.slow_engine.driver import Driver
    from loadgen.wire import EnginePlan

__all__ = ["SlowEngine"]

TICK_NS = 10_000_000
GAP_NS = 100_000_000
"""A tick that comes later than this: the worker was stopped or starved."""


class SlowEngine:
    """Does a worker's load. Life: construct, `announce`, `prepare`, `run`; on one loop."""

    def __init__(self, arena: Arena, slot: int, plan: EnginePlan) -> None:
        """Makes connections and users; opens nothing.

        Raises:
            ConfigError: a file of the TLS options cannot be used.
        """
        self._plan = plan
        self._control = arena.control
        self._slot = arena.slots[slot : slot + 1]
        self._recorder = Recorder(arena, slot)
        self._dialer = Dialer(plan, self._recorder)
        self._driver: Driver = (
            OpenLoop(plan, self._client, self._recorder)
            if plan.open_loop
            else ClosedLoop(plan, self._client)
        )

    def announce(self, pid: int, cpu: int) -> None:
        """Writes who this worker is into its slot; cpu -1: not pinned."""
        self._slot["pid"] = pid
        self._slot["cpu"] = cpu

    async def prepare(self) -> None:
        """Opens the open loop's connections; the worker is READY then."""
        await self._driver.prepare()
        self._recorder.flush()
        self._set_state(WorkerState.READY)

    async def run(self, start_ns: int) -> None:
        """Runs the load that begins at this monotonic time, until DONE.

        Every task of it is over then.
        """
        plan = self._plan
        frame = Frame(
            start_ns=start_ns,
            measure_ns=start_ns + plan.warmup_ns,
            end_ns=start_ns + plan.total_ns,
            spins=plan.spin_ns > 0,
        )
        self._set_state(WorkerState.RUNNING)
        self._driver.begin(frame)
        while not self._is_over(frame, time.monotonic_ns()):
            meant_ns = self._next_tick_ns(frame, time.monotonic_ns())
            await asyncio.sleep(max(0, meant_ns - time.monotonic_ns()) / 1e9)
            self._note_gap(meant_ns, time.monotonic_ns())
        await self._break_off()
        self._publish(time.monotonic_ns())
        self._slot["ended_ns"] = time.monotonic_ns()
        self._set_state(WorkerState.DONE)

    def _client(self, target: int) -> Client:
        return Client(self._plan, self._dialer, self._recorder, target, self._is_running)

    def _is_running(self) -> bool:
        return bool(self._slot["state"][0] == WorkerState.RUNNING)

    def _set_state(self, state: WorkerState) -> None:
        self._slot["state"] = state

    async def _break_off(self) -> None:
        """Ends what is still under way; a request keeps no outcome, a mistake of ours is raised."""
        tasks = self._driver.tasks
        for task in tasks:
            task.cancel()
        for end in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(end, Exception):
                raise end
        for client in self._driver.clients:
            client.close()

    def _is_over(self, frame: Frame, now_ns: int) -> bool:
        """Moves from running to draining; True when that is over, too."""
        if self._is_running():
            asked_ns = int(self._control["end_ns"])
            if asked_ns:
                frame.end_ns = min(frame.end_ns, max(asked_ns, frame.start_ns))
            if now_ns >= frame.end_ns:
                self._set_state(WorkerState.DRAINING)
                self._driver.end()
        draining = self._slot["state"][0] == WorkerState.DRAINING
        drained = draining and (
            self._recorder.in_flight == 0 or now_ns >= frame.end_ns + self._plan.drain_ns
        )
        self._publish(now_ns)
        return drained or bool(self._control["stop"])

    def _next_tick_ns(self, frame: Frame, now_ns: int) -> int:
        at_ns = now_ns + TICK_NS
        return min(at_ns, frame.end_ns) if self._is_running() else at_ns

    def _publish(self, now_ns: int) -> None:
        """What is not written request by request."""
        slot, recorder = self._slot, self._recorder
        recorder.flush()
        slot["cpu_ns"] = time.clock_gettime_ns(time.CLOCK_THREAD_CPUTIME_ID)
        slot["alive_ns"] = now_ns
        slot["loops"] += 1
        slot["in_flight"] = recorder.in_flight
        slot["connections"] = sum(client.is_open for client in self._driver.clients)
        slot["users"] = self._driver.users(now_ns) if self._is_running() else 0

    def _note_gap(self, meant_ns: int, now_ns: int) -> None:
        gap_ns = now_ns - meant_ns
        if not self._is_running():
            return
        self._slot["gap_ns"] = max(int(self._slot["gap_ns"][0]), gap_ns)
        if gap_ns > GAP_NS:
            self._slot["gaps_ns"] += gap_ns
