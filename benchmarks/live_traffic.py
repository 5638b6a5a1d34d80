"""Live traffic by the engine, beside whatever is done to it meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from loadgen import LoadTestEngine, Measurement, Pattern, Plan, Precision

__all__ = ["LiveTraffic", "live_traffic"]

LONGEST_S = 600.0
CONNECTIONS = 20


class LiveTraffic:
    """Requests at a fixed rate, from a thread that runs an engine.

    Args:
        url: where they go.
        rate_rps: how many.
    """

    def __init__(self, url: str, rate_rps: float) -> None:
        self._flowing = threading.Event()
        self._measurement: Measurement | None = None
        plan = Plan(
            target=url,
            pattern=Pattern.RATE,
            rate_rps=rate_rps,
            connections=CONNECTIONS,
            duration_s=LONGEST_S,
            workers=1,
            precision=Precision.CPU,
        )
        self._engine = LoadTestEngine(plan, on_progress=lambda _progress: self._flowing.set())
        self._thread = threading.Thread(target=self._run, name="live-traffic")

    def start(self) -> None:
        """Returns once it flows.

        Raises:
            RuntimeError: it does not.
        """
        self._thread.start()
        while not self._flowing.wait(0.1):
            if not self._thread.is_alive():
                raise RuntimeError("there is no live traffic: see what the engine raised above")

    def stop(self) -> Measurement:
        """Ends it and returns what was measured."""
        self._engine.stop()
        self._thread.join()
        assert self._measurement is not None
        return self._measurement

    def _run(self) -> None:
        self._measurement = self._engine.run()


@contextmanager
def live_traffic(url: str, rate_rps: float) -> Iterator[LiveTraffic]:
    """Traffic until the context is left."""
    traffic = LiveTraffic(url, rate_rps)
    traffic.start()
    try:
        yield traffic
    finally:
        traffic.stop()
