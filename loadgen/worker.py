"""One worker process: pins itself, runs its engine in uvloop, waits for the start, ends.

Run as `python -m loadgen.worker`, with its WorkerTask pickled on standard input. It says
nothing but what it writes into its slot; an error goes to standard error. It stays until
its standard input ends.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import pickle
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvloop

from loadgen._engine import Engine
from loadgen.arena import Arena, WorkerState
from loadgen.sample_rings import SampleRings

if TYPE_CHECKING:
    from loadgen.slow_engine.engine import SlowEngine
    from loadgen.wire import EnginePlan

__all__ = ["WorkerTask", "main"]

PR_SET_PDEATHSIG = 1
START_POLL_S = 0.002


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerTask:
    """What the coordinator tells a worker.

    Attributes:
        arena_fd: inherited file descriptor of the arena.
        slot: index of this worker's slot.
        cpu: core to pin to; None: not pinned.
        coordinator: its process number; the worker ends when it is gone.
        samples_fd: inherited file descriptor of the rings for raw samples; -1: nobody wants any.
    """

    arena_fd: int
    slot: int
    cpu: int | None
    coordinator: int
    plan: EnginePlan
    samples_fd: int = -1


def main() -> None:
    """Reads the task, does it, exits with 0."""
    task: WorkerTask = pickle.load(sys.stdin.buffer)
    _die_with(task.coordinator)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if task.cpu is not None:
        os.sched_setaffinity(0, {task.cpu})
    arena = Arena.attach(task.arena_fd)
    if task.plan.slow:
        _take_slow_path(task, arena)
    else:
        _take_fast_path(task, arena)
    sys.stdin.buffer.read()  # its end is the word to go: until then our counters can be read


def _take_fast_path(task: WorkerTask, arena: Arena) -> None:
    engine = Engine(arena.memory, arena.slot_offset(task.slot), task.plan)
    if task.samples_fd >= 0:
        rings = SampleRings.attach(task.samples_fd)
        engine.leave_samples(rings.memory, rings.offset(task.slot))
    engine.announce(os.getpid(), -1 if task.cpu is None else task.cpu)
    gc.freeze()
    gc.disable()
    uvloop.run(_work(engine, arena))


def _take_slow_path(task: WorkerTask, arena: Arena) -> None:
    # Here, since few runs need it: it brings Python's ssl along.
    from loadgen.slow_engine.engine import SlowEngine  # noqa: PLC0415

    engine = SlowEngine(arena, task.slot, task.plan)
    engine.announce(os.getpid(), -1 if task.cpu is None else task.cpu)
    gc.freeze()
    uvloop.run(_work_slowly(engine, arena))


def _die_with(coordinator: int) -> None:
    """Has the kernel kill this process when the coordinator dies, however it dies."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != coordinator:
        sys.exit("loadgen: the coordinator is gone")


async def _work(engine: Engine, arena: Arena) -> None:
    loop = asyncio.get_running_loop()
    done = loop.create_future()

    def step() -> None:
        if engine.step() == WorkerState.DONE and not done.done():
            done.set_result(None)

    engine.prepare()
    loop.add_reader(engine.fileno(), step)
    if start_ns := await _start_ns(arena):
        engine.begin(start_ns)
        await done
        loop.remove_reader(engine.fileno())


async def _work_slowly(engine: SlowEngine, arena: Arena) -> None:
    await engine.prepare()
    if start_ns := await _start_ns(arena):
        await engine.run(start_ns)


async def _start_ns(arena: Arena) -> int:
    """Waits for the word; 0: there will be no load."""
    while not (start_ns := int(arena.control["start_ns"])):
        if arena.control["stop"]:
            return 0
        await asyncio.sleep(START_POLL_S)
    return start_ns


if __name__ == "__main__":
    main()
