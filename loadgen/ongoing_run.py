"""A run while it goes on: one start for all workers, a look each second, an end, a sum.

The control block is written here, slots are written by workers; nothing is exchanged on the
path of a request.
"""

from __future__ import annotations

import dataclasses
import select
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from loadgen import machine, snapshot
from loadgen.arena import WorkerState
from loadgen.errors import WorkerError
from loadgen.harvest import harvest, new_run_id
from loadgen.pairing import PairVigil
from loadgen.timeline import Timeline, Timing
from loadgen.vigil import Vigil
from loadgen.wire import DRAIN_LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from loadgen.arena import Arena
    from loadgen.interrupts import Interrupts
    from loadgen.judging import LiveGate
    from loadgen.machine import Waits
    from loadgen.measurement import Measurement
    from loadgen.plan import Plan
    from loadgen.processes import WorkerProcess
    from loadgen.progress import Progress
    from loadgen.sample_rings import SampleBatch, SampleRings
    from loadgen.snapshot import Snapshot
    from loadgen.watch.sampler import Sampler

__all__ = ["OngoingRun"]

NS_PER_S = 1_000_000_000
START_AHEAD_NS = 50_000_000
"""Between the word and the start: workers look for it every 2 ms."""
STOP_AHEAD_NS = 100_000_000
"""Between the word and an early end: an idle worker looks for it every 50 ms."""
READY_PATIENCE_S = 20.0
END_PATIENCE_S = 2.0
INTERIM_NS = 10 * NS_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class _Birth:
    """By what a run is known from its first request on."""

    run_id: str
    started_at: datetime


@dataclass(slots=True, kw_only=True)
class OngoingRun:
    """A run whose workers are started: their beginning, each second, and their end.

    Attributes:
        plan: what is done.
        arena: of the workers.
        crew: the workers, one for each slot of the arena.
        interrupts: by whom it may be ended early.
        sampler: what tells CPU and memory.
        gate: what it is held against; None: nothing.
        on_progress: called about once a second; None: nobody asks.
        on_interim: called after every 10 s of measured time with the measurement so far.
        rings: where workers leave what each request came to; None: they do not.
        on_samples: called about once a second with what was in the rings.
        failure: why it cannot be done to its end; "" while it can.
        notes: what readers of its numbers have to know.
        complete: false when part of it is lost, as with a worker that died.
    """

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
        """Ready, begin, look each second, end, add up. Called once.

        Raises:
            WorkerError: the workers were not ready in time, or never began.
        """
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
