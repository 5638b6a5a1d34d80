"""Measures this box at a rate: the real engine against the built-in target, for two seconds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from loadgen.coordinator import LoadTestEngine
from loadgen.errors import WorkerError
from loadgen.plan import Pattern, Plan
from loadgen.target import running_target
from slo.validity import Health

__all__ = ["probing"]

TRIAL_S = 1.7
"""With the start and the end of the workers about 2 s."""
TIMEOUT_S = 2.0


@contextmanager
def probing(concurrency: int) -> Iterator[Callable[[float], Health]]:
    """Starts a target and gives a function that measures this box against it.

    Target and generator get cores apart, half of the allowed ones each, where there are two.

    Args:
        concurrency: connections.

    Yields:
        From a rate in requests per second to the health of a short run at that rate.

    Raises:
        WorkerError: the target or the engine cannot be started.
    """
    allowed = sorted(os.sched_getaffinity(0))
    half = len(allowed) // 2
    # A run pins its workers to the last cores, so the target takes the first ones.
    with ExitStack() as stack:
        with _confined_to(allowed[:half] or allowed):
            url = stack.enter_context(running_target(processes=max(1, half)))
        yield lambda rate_rps: _health(url, rate_rps, concurrency, max(1, len(allowed) - half))


def _health(url: str, rate_rps: float, concurrency: int, workers: int) -> Health:
    plan = Plan(
        target=url,
        pattern=Pattern.RATE,
        rate_rps=rate_rps,
        concurrency=concurrency,
        duration_s=TRIAL_S,
        timeout_s=TIMEOUT_S,
        workers=workers,
    )
    engine = LoadTestEngine(plan)
    measurement = engine.run()
    if engine.was_stopped:
        raise KeyboardInterrupt  # the engine took it for the wish to end one run early
    if measurement.run.failure:
        raise WorkerError(measurement.run.failure)
    return measurement.health


@contextmanager
def _confined_to(cores: list[int]) -> Iterator[None]:
    """What is started inside runs on these cores for good; we do so only meanwhile."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
