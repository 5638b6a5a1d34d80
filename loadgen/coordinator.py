"""One run from plan to Measurement: starts the workers at one instant, watches, ends, adds up.

The coordinator writes the control block, workers write their slots, and it looks once a
second; nothing is exchanged on the path of a request.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import select
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from loadgen import machine, processes, snapshot
from loadgen.arena import Arena, WorkerState
from loadgen.cores import pinning, worker_count
from loadgen.errors import ConfigError, WorkerError
from loadgen.handshake import require_handshake
from loadgen.harvest import harvest, new_run_id
from loadgen.interrupts import Interrupts
from loadgen.itinerary import Itinerary, find_itinerary
from loadgen.judging import GateOptions, RunGate
from loadgen.pairing import PairVigil
from loadgen.preflight import raise_file_limit, require_listener, require_local_addresses
from loadgen.sample_rings import SampleRings
from loadgen.slow_engine.choice import is_slow, require_abilities
from loadgen.timeline import Timeline, Timing
from loadgen.vigil import Vigil
from loadgen.watch.sampler import Sampler
from loadgen.wire import DRAIN_LIMIT_S, engine_plan
from loadgen.worker import WorkerTask

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from loadgen.judging import LiveGate
    from loadgen.machine import Waits
    from loadgen.measurement import Measurement
    from loadgen.plan import Plan
    from loadgen.processes import WorkerProcess
    from loadgen.progress import Progress
    from loadgen.sample_rings import SampleBatch
    from loadgen.snapshot import Snapshot

__all__ = ["LoadTestEngine"]

NS_PER_S = 1_000_000_000
START_AHEAD_NS = 50_000_000
"""Between the word and the start: workers look for it every 2 ms."""
STOP_AHEAD_NS = 100_000_000
"""Between the word and an early end: an idle worker looks for it every 50 ms."""
READY_PATIENCE_S = 20.0
END_PATIENCE_S = 2.0
INTERIM_NS = 10 * NS_PER_S


class LoadTestEngine:
    """Runs a plan.

    Example:
        >>> measurement = LoadTestEngine(Plan(target="http://localhost:8000")).run()

    Args:
        plan: what to do.
        itinerary: where the plan's targets are, when it was found already; its names are
            resolved once.
        on_progress: called about once a second, from the thread that runs.
        on_interim: called after every 10 s of measured time with the measurement so far,
            from the thread that runs.
        on_samples: called about once a second with what each measured request came to, from the
            thread that runs; None: it is not kept.
        sampler: what tells CPU and memory; None watches the generator only.
        gate: what the run is held against, as options or as what judges it; None: nothing.

    Raises:
        ConfigError: a plan in pairs has objectives: each side has requests of the same names.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        gate: GateOptions | LiveGate | None = None,
        itinerary: Itinerary | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        on_interim: Callable[[Measurement], None] | None = None,
        on_samples: Callable[[SampleBatch], None] | None = None,
        sampler: Sampler | None = None,
    ) -> None:
        self.plan = plan
        self._itinerary = itinerary
        self._on_progress = on_progress
        self._on_interim = on_interim
        self._on_samples = on_samples
        self._sampler = sampler or Sampler()
        self._gate = _live(gate, plan) if isinstance(gate, GateOptions) else gate
        self._interrupts = Interrupts()

    def stop(self) -> None:
        """Ends the run early, from any thread; the second call ends it at once."""
        self._interrupts.ask()

    @property
    def was_stopped(self) -> bool:
        """Somebody asked for an end, even if it was too late to cut the measured time short."""
        return self._interrupts.asked > 0

    def run(self) -> Measurement:
        """Runs the plan and returns what it measured. An engine runs once.

        SIGINT, SIGTERM and SIGHUP end the run early when this is the main thread.

        Raises:
            ConfigError: the plan asks for more than this machine allows (open files, TLS), or
                for a target that its own list does not allow, or for what the slow path has not.
            TargetError: the target does not resolve, accepts no connection, or its certificate
                is not accepted.
            WorkerError: the workers could not be started.
        """
        try:
            return self._run()
        finally:
            self._interrupts.close()

    def _run(self) -> Measurement:
        plan = self.plan
        itinerary = self._itinerary or find_itinerary(plan)
        require_abilities(plan, samples=self._on_samples is not None)
        require_local_addresses(plan.local_addresses)
        for stop in itinerary.stops:
            require_listener(stop.target, stop.addresses, local_addresses=plan.local_addresses)
            require_handshake(stop.target, stop.addresses, plan.tls)
        allowed = sorted(os.sched_getaffinity(0))
        workers = worker_count(plan, allowed_cores=len(allowed), target_is_local=itinerary.is_local)
        raise_file_limit(plan, workers)
        cores = pinning(plan, workers=workers, allowed=allowed)
        with contextlib.ExitStack() as stack:
            arena = stack.enter_context(Arena.create(workers=workers, endpoints=len(plan.requests)))
            rings = None
            if self._on_samples is not None:
                rings = stack.enter_context(contextlib.closing(SampleRings.create(workers=workers)))
            crew = processes.start(_tasks(plan, arena, itinerary, cores, rings))
            run = _Run(
                plan=plan,
                arena=arena,
                crew=crew,
                interrupts=self._interrupts,
                sampler=self._sampler,
                gate=self._gate,
                on_progress=self._on_progress,
                on_interim=self._on_interim,
                rings=rings,
                on_samples=self._on_samples,
            )
            try:
                with self._interrupts.on_signals():
                    return run.measure()
            finally:
                self._sampler.finish()
                arena.control["stop"] = 1
                for worker in crew:
                    worker.end()


def _live(options: GateOptions, plan: Plan) -> RunGate | None:
    if not options.objectives:
        return None
    if plan.paired:
        raise ConfigError(
            f"objectives: found {len(options.objectives)} for a plan in pairs, expected none: its "
            "endpoints have the same names on both sides; judge the sides one beside the other"
        )
    return RunGate(options, [request.label for request in plan.requests])


def _tasks(
    plan: Plan,
    arena: Arena,
    itinerary: Itinerary,
    cores: Sequence[int | None],
    rings: SampleRings | None,
) -> list[WorkerTask]:
    return [
        WorkerTask(
            arena_fd=arena.fd,
            slot=index,
            cpu=core,
            coordinator=os.getpid(),
            plan=engine_plan(
                plan, itinerary.addresses, worker=index, workers=len(cores), slow=is_slow(plan)
            ),
            samples_fd=-1 if rings is None else rings.fd,
        )
        for index, core in enumerate(cores)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Birth:
    """By what a run is known from its first request on."""

    run_id: str
    started_at: datetime


@dataclass(slots=True, kw_only=True)
class _Run:
    """A run while it goes on."""

    plan: Plan
    arena: Arena
    crew: Sequence[WorkerProcess]
    interrupts: Interrupts
    sampler: Sampler
    gate: LiveGate | None
    on_progress: Callable[[Progress], None] | None
    on_interim: Callable[[Measurement], None] | None
    rings: SampleRings | None
    on_samples: Callable[[SampleBatch], None] | None
    failure: str = ""
    notes: tuple[str, ...] = ()
    complete: bool = True

    def measure(self) -> Measurement:
        """Ready, begin, look each second, end, add up."""
        self._await_ready()
        birth, timing = self._begin()
        timeline = Timeline(plan=self.plan, timing=timing, first=self._take())
        vigil = Vigil(patience_s=self.plan.stop_when_dead_s)
        pair_vigil = PairVigil(plan=self.plan) if self.plan.paired else None
        pids = [worker.pid for worker in self.crew]
        waits_before = machine.read_waits(pids)
        self.sampler.begin(pids)
        for boundary_ns in timing.boundaries_ns():
            if self._wait_until(boundary_ns):
                now, measured_ns = self._take(), boundary_ns - timing.measure_ns
                self._take_samples(timing)
                self.sampler.tick(measured_ns / NS_PER_S)
                if self.on_interim and measured_ns > 0 and measured_ns % INTERIM_NS == 0:
                    so_far = timeline.ended_at(now, boundary_ns)
                    waits = machine.read_waits(pids).since(waits_before)
                    self.on_interim(self._add_up(so_far, birth, now, now, waits))
                progress = self._judged(timeline.add(now, boundary_ns), now, measured_ns)
                if pair_vigil is not None:
                    self.notes = pair_vigil.look(self.arena, progress.elapsed_s)
                self._tell(progress)
                self.failure = vigil.look(progress)
            if self._is_over:
                timing = self._end_early(timing)
                timeline.timing = timing
                break
            if boundary_ns == timing.measure_ns:
                waits_before = machine.read_waits(pids)
        self._wait_out(timing.end_ns)
        waits = machine.read_waits(pids).since(waits_before)
        closing = self._take()
        self.sampler.tick(timing.measured_s)
        self._tell(timeline.draining(closing))
        self._await_done(timing.end_ns)
        self._take_samples(timing)
        self.sampler.finish()
        measurement = self._add_up(timeline, birth, closing, self._take(), waits)
        if self.gate is None:
            return measurement
        return self.gate.conclude(measurement, complete=self.complete)

    @property
    def _is_over(self) -> bool:
        """True when the run is to end before its time."""
        decided = self.gate is not None and bool(self.gate.stopped)
        return bool(self.failure) or self.interrupts.asked > 0 or decided

    def _judged(self, progress: Progress, now: Snapshot, measured_ns: int) -> Progress:
        """The progress with the verdict so far."""
        if self.gate is None or measured_ns <= 0:
            return progress
        judgement = self.gate.look(self.arena, now, measured_ns / NS_PER_S)
        return dataclasses.replace(progress, judgement=judgement)

    def _add_up(
        self, timeline: Timeline, birth: _Birth, closing: Snapshot, final: Snapshot, waits: Waits
    ) -> Measurement:
        return harvest(
            self.plan,
            self.arena,
            timeline,
            closing=closing,
            final=final,
            waits=waits,
            run_id=birth.run_id,
            started_at=birth.started_at,
            interrupted=self.interrupts.asked > 0,
            failure=self.failure,
            notes=self.notes,
            resources=self.sampler.seconds,
        )

    def _take(self) -> Snapshot:
        return snapshot.take(self.arena, time.monotonic_ns())

    def _take_samples(self, timing: Timing) -> None:
        if self.rings is not None and self.on_samples is not None:
            for batch in self.rings.take(timing.measure_ns):
                self.on_samples(batch)

    def _tell(self, progress: Progress) -> None:
        if self.on_progress is not None:
            self.on_progress(dataclasses.replace(progress, notes=self.notes))

    def _states(self) -> set[int]:
        return {int(state) for state in self.arena.slots["state"]}

    def _await_ready(self) -> None:
        deadline_ns = time.monotonic_ns() + int(
            (READY_PATIENCE_S + self.plan.connect_timeout_s) * NS_PER_S
        )
        while WorkerState.NEW in self._states():
            if time.monotonic_ns() > deadline_ns:
                raise WorkerError(
                    "the workers were not ready in time; is the machine overloaded, "
                    "or does the target accept connections very slowly?"
                )
            self._watch(time.monotonic_ns() + 2_000_000)
            if self.failure:
                raise WorkerError(self.failure)
            if self.interrupts.asked:
                raise WorkerError("stopped before the load began")

    def _begin(self) -> tuple[_Birth, Timing]:
        start_ns = time.monotonic_ns() + START_AHEAD_NS
        self.arena.control["start_ns"] = start_ns
        timing = Timing.planned(self.plan, start_ns)
        started_at = datetime.now(UTC)
        return _Birth(run_id=new_run_id(started_at), started_at=started_at), timing

    def _wait_until(self, at_ns: int) -> bool:
        """Waits for a time. False: the run is to end before it."""
        while time.monotonic_ns() < at_ns:
            self._watch(at_ns)
            if self.failure or self.interrupts.asked:
                return False
        return True

    def _wait_out(self, at_ns: int) -> None:
        """Waits for the end of the load, unless all is stopped at once."""
        while time.monotonic_ns() < at_ns and self.interrupts.asked < 2:
            self._watch(at_ns)

    def _watch(self, until_ns: int) -> None:
        """Sleeps until a time, a request to stop or the death of a worker."""
        alive = [worker.exited_fd for worker in self.crew if worker.running]
        left_s = max(0.0, (until_ns - time.monotonic_ns()) / NS_PER_S)
        ready, _, _ = select.select([self.interrupts.fd, *alive], [], [], left_s)
        if self.interrupts.fd in ready:
            self.interrupts.drain()
        if self.interrupts.asked >= 2:
            self.arena.control["stop"] = 1
        for worker in self.crew:
            if worker.exited_fd in ready and (death := worker.death()):
                self.complete = False
                self.failure = self.failure or death

    def _end_early(self, timing: Timing) -> Timing:
        end_ns = min(time.monotonic_ns() + STOP_AHEAD_NS, timing.end_ns)
        self.arena.control["end_ns"] = end_ns
        return timing.ended(end_ns)

    def _await_done(self, end_ns: int) -> None:
        """Waits for the last answers, no longer than they are awaited by the workers."""
        drain_s = min(self.plan.timeout_s, DRAIN_LIMIT_S)
        deadline_ns = end_ns + int((drain_s + END_PATIENCE_S) * NS_PER_S)
        while time.monotonic_ns() < deadline_ns:
            states = {
                int(self.arena.slots["state"][worker.index])
                for worker in self.crew
                if worker.running
            }
            if states <= {WorkerState.DONE}:
                return
            self._watch(time.monotonic_ns() + 20_000_000)
        late = [
            worker.index
            for worker in self.crew
            if self.arena.slots["state"][worker.index] != WorkerState.DONE
        ]
        if late:
            self.complete = False
        if late and not self.failure:
            self.failure = f"worker {late[0]} did not end in time after the load and was killed"
