"""loadgen: an HTTP load generator that measures truthfully and acts on what it measured.

    from loadgen import LoadTestEngine, Plan

    measurement = LoadTestEngine(Plan(target="http://localhost:8000", duration_s=10)).run()
    print(measurement.total.latency.p99_ms)

Names are loaded when they are first asked for (PEP 562), so that a worker process does not
pay for what only people need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loadgen.auth import Auth
    from loadgen.coordinator import LoadTestEngine
    from loadgen.errors import ConfigError, LoadgenError, TargetError, WorkerError
    from loadgen.measurement import Measurement
    from loadgen.plan import Arrivals, Endpoint, Pattern, Plan, Precision, StageUnit
    from loadgen.progress import Progress
    from loadgen.secret import Secret

__all__ = [
    "Arrivals",
    "Auth",
    "ConfigError",
    "Endpoint",
    "LoadTestEngine",
    "LoadgenError",
    "Measurement",
    "Pattern",
    "Plan",
    "Precision",
    "Progress",
    "Secret",
    "StageUnit",
    "TargetError",
    "WorkerError",
]

_HOMES = {
    "Arrivals": "loadgen.plan",
    "Auth": "loadgen.auth",
    "ConfigError": "loadgen.errors",
    "Endpoint": "loadgen.plan",
    "LoadTestEngine": "loadgen.coordinator",
    "LoadgenError": "loadgen.errors",
    "Measurement": "loadgen.measurement",
    "Pattern": "loadgen.plan",
    "Plan": "loadgen.plan",
    "Precision": "loadgen.plan",
    "Progress": "loadgen.progress",
    "Secret": "loadgen.secret",
    "StageUnit": "loadgen.plan",
    "TargetError": "loadgen.errors",
    "WorkerError": "loadgen.errors",
}


def __getattr__(name: str) -> object:
    """Loads a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted(__all__)
