"""One run from plan to Measurement: what must hold before it, its workers, and their end.

What happens while it goes on is in ongoing_run.py.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from loadgen import processes
from loadgen.arena import Arena
from loadgen.cores import pinning, worker_count
from loadgen.errors import ConfigError
from loadgen.handshake import require_handshake
from loadgen.interrupts import Interrupts
from loadgen.itinerary import Itinerary, find_itinerary
from loadgen.judging import GateOptions, RunGate
from loadgen.ongoing_run import OngoingRun
from loadgen.preflight import raise_file_limit, require_listener, require_local_addresses
from loadgen.sample_rings import SampleRings
from loadgen.slow_engine.choice import is_slow, require_abilities
from loadgen.watch.sampler import Sampler
from loadgen.wire import engine_plan
from loadgen.worker import WorkerTask

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from loadgen.judging import LiveGate
    from loadgen.measurement import Measurement
    from loadgen.plan import Plan
    from loadgen.progress import Progress
    from loadgen.sample_rings import SampleBatch

__all__ = ["LoadTestEngine"]


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
            run = OngoingRun(
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
