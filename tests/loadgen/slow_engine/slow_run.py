"""Runs the slow engine inside the test's own process, one worker, against a local port."""

from __future__ import annotations

import asyncio
import time

import uvloop

from loadgen import snapshot, tallies
from loadgen.arena import Arena, WorkerState
from loadgen.plan import Plan
from loadgen.slow_engine.engine import SlowEngine
from loadgen.wire import EnginePlan, engine_plan
from tests.loadgen.engine_run import START_AHEAD_NS, Outcome, local

__all__ = ["run_engine_slowly", "run_slowly"]


def run_slowly(plan: Plan, *ports: int, limit_s: float = 0.0, stop_s: float = 0.0) -> Outcome:
    """Runs a plan's whole load as one worker, as `tests.loadgen.engine_run.run_plan` does.

    Args:
        plan: what to do; its target's addresses are `ports` of this machine.
        *ports: where servers listen, one or more.
        limit_s: ends the load after this time, as the coordinator would; 0: never.
        stop_s: ends everything at once after this time; 0: never.
    """
    wired = engine_plan(plan, local(*ports), worker=0, workers=1)
    return run_engine_slowly(wired, limit_s=limit_s, stop_s=stop_s)


def run_engine_slowly(plan: EnginePlan, *, limit_s: float = 0.0, stop_s: float = 0.0) -> Outcome:
    """Runs an engine plan to its end, as `tests.loadgen.engine_run.run_engine` does."""
    with Arena.create(workers=1, endpoints=len(plan.requests)) as arena:
        engine = SlowEngine(arena, 0, plan)
        uvloop.run(_live(engine, arena, limit_s, stop_s))
        assert arena.slots["state"][0] == WorkerState.DONE
        parts = tallies.tallies(arena)
        return Outcome(
            total=tallies.total(parts),
            endpoints=parts,
            last=snapshot.take(arena, time.monotonic_ns()),
            refused_certificate=int(arena.slots[0]["refused_certificate"]),
            tls_error=int(arena.slots[0]["tls_error"]),
        )


async def _live(engine: SlowEngine, arena: Arena, limit_s: float, stop_s: float) -> None:
    await engine.prepare()
    assert arena.slots["state"][0] == WorkerState.READY
    start_ns = time.monotonic_ns() + START_AHEAD_NS
    if limit_s:
        arena.control["end_ns"] = start_ns + round(limit_s * 1e9)
    if stop_s:
        asyncio.get_running_loop().call_later(stop_s, arena.control.__setitem__, "stop", 1)
    await engine.run(start_ns)
