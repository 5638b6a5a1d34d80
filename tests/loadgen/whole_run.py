"""What whole runs with real worker processes are made of, and the account they must give."""

from __future__ import annotations

import psutil

from loadgen.endpoint import Endpoint
from loadgen.measurement import Measurement
from loadgen.plan import Plan, Precision

__all__ = ["GUIDE_MIX", "brief_plan", "closes", "workers_of"]

GUIDE_MIX = (
    Endpoint(path="/api/health", weight=0.05),
    Endpoint(path="/api/users", weight=0.25),
    Endpoint(path="/api/orders", weight=0.30, method="POST", body=b'{"id": 1}'),
    Endpoint(path="/api/products", weight=0.20),
    Endpoint(path="/api/analytics", weight=0.10),
    Endpoint(path="/api/search", weight=0.10),
)


def brief_plan(target: str, **changes: object) -> Plan:
    """Eight users for 1.2 s, with whatever else is asked for."""
    base: dict[str, object] = {
        "target": target,
        "concurrency": 8,
        "duration_s": 1.2,
        "think_s": (0.002, 0.004),
        "precision": Precision.CPU,
        "pin": False,
    }
    return Plan(**{**base, **changes})  # type: ignore[arg-type]  # a table's values


def closes(measurement: Measurement) -> bool:
    """Whether each request of a run is accounted for exactly once, in all its tables."""
    total = measurement.total
    rows = measurement.timeline
    return (
        total.sent == total.succeeded + total.failed + total.in_flight_at_end
        and sum(row.sent for row in rows) == total.sent
        and sum(row.succeeded for row in rows) == total.succeeded
        and sum(row.failed for row in rows) == total.failed
        and sum(one.tally.sent for one in measurement.endpoints) == total.sent
    )


def workers_of(pid: int) -> list[int]:
    """Worker processes of a process, once they have become Python."""
    return [
        child.pid for child in psutil.Process(pid).children() if "loadgen.worker" in child.cmdline()
    ]
