"""Runs the C engine inside the test's own process, one worker, against a local port."""

from __future__ import annotations

import select
import time
from dataclasses import dataclass

from loadgen import snapshot, tallies
from loadgen._engine import Engine
from loadgen.arena import Arena, WorkerState
from loadgen.measurement import Tally
from loadgen.plan import Plan
from loadgen.snapshot import Snapshot
from loadgen.wire import Address, EnginePlan, engine_plan

__all__ = ["Outcome", "local", "run_engine", "run_plan"]

START_AHEAD_NS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one worker left behind."""

    total: Tally
    endpoints: tuple[Tally, ...]
    last: Snapshot
    refused_certificate: int
    tls_error: int

    @property
    def planned(self) -> int:
        """Arrivals of the measured time: a starved test machine may drop the very last."""
        return self.total.sent + self.total.dropped

    @property
    def closes(self) -> bool:
        """The accounting identities of the result file."""
        tally = self.total
        return (
            tally.sent == tally.succeeded + tally.failed + tally.in_flight_at_end
            and tally.failed == sum(tally.errors.values()) + sum(tally.failed_codes.values())
            and tally.errors.get("check", 0) == sum(tally.checks.values())
        )


def local(*ports: int) -> tuple[tuple[Address, ...], ...]:
    """One target that listens on each of these ports of this machine."""
    return (tuple(Address(host="127.0.0.1", port=port) for port in ports),)


def run_plan(plan: Plan, *ports: int, limit_s: float = 0.0) -> Outcome:
    """Runs a plan's whole load as one worker.

    Args:
        plan: what to do; its target's addresses are `ports` of this machine.
        *ports: where servers listen, one or more.
        limit_s: ends the load after this time, as the coordinator would; 0: never.
    """
    return run_engine(engine_plan(plan, local(*ports), worker=0, workers=1), limit_s=limit_s)


def run_engine(plan: EnginePlan, *, limit_s: float = 0.0) -> Outcome:
    """Runs an engine plan to its end."""
    with Arena.create(workers=1, endpoints=len(plan.requests)) as arena:
        engine = Engine(arena.memory, arena.slot_offset(0), plan)
        engine.prepare()
        while engine.state == WorkerState.NEW:
            _step(engine)
        start_ns = time.monotonic_ns() + START_AHEAD_NS
        engine.begin(start_ns)
        if limit_s:
            arena.control["end_ns"] = start_ns + round(limit_s * 1e9)
        while engine.state != WorkerState.DONE:
            _step(engine)
        parts = tallies.tallies(arena)
        return Outcome(
            total=tallies.total(parts),
            endpoints=parts,
            last=snapshot.take(arena, time.monotonic_ns()),
            refused_certificate=int(arena.slots[0]["refused_certificate"]),
            tls_error=int(arena.slots[0]["tls_error"]),
        )


def _step(engine: Engine) -> None:
    select.select([engine], [], [], 1.0)
    engine.step()
