"""The timeline as CSV, one row a second, for spreadsheets and scripts. Pure.

Units are in the names of the columns; a cell is empty where nothing was measured.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loadgen.measurement import Measurement, ResourceSecond, Second

__all__ = ["COLUMNS", "render"]

COLUMNS = (
    *("t_s", "sent", "succeeded", "failed"),
    *("p50_ms", "p95_ms", "p99_ms", "max_ms"),
    *("users", "in_flight", "own_lag_p99_ms", "worker_cpu_max_percent"),
    *("generator_cpu_percent", "generator_memory_bytes"),
    *("target_cpu_percent", "target_memory_bytes"),
)
"""The first columns; one per error class follows: "errors_timeout", "errors_http_500"."""


def render(measurement: Measurement) -> str:
    """The seconds of the measured time as CSV (RFC 4180, but with plain line feeds).

    Args:
        measurement: one without seconds gives the header only.
    """
    seconds = measurement.timeline
    classes = sorted({name for second in seconds for name in second.errors})
    used = {second.t_s: second for second in measurement.resources}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*COLUMNS, *(f"errors_{name}" for name in classes)))
    for second in seconds:
        errors = (second.errors.get(name, 0) for name in classes)
        writer.writerow((*_row(second), *_resources(used.get(second.t_s)), *errors))
    return text.getvalue()


def _row(second: Second) -> tuple[str | int, ...]:
    return (
        f"{second.t_s:.3f}",
        *(second.sent, second.succeeded, second.failed),
        *map(_decimal, (second.p50_ms, second.p95_ms, second.p99_ms, second.max_ms)),
        *(second.users, second.in_flight),
        _decimal(second.own_lag_p99_ms),
        _decimal(max(second.worker_cpu_percent, default=None)),
    )


def _resources(second: ResourceSecond | None) -> tuple[str | int | None, ...]:
    if second is None:
        return (None,) * 4
    return (
        _decimal(second.generator_cpu_percent),
        second.generator_memory_bytes,
        _decimal(second.target_cpu_percent),
        second.target_memory_bytes,
    )


def _decimal(value: float | None) -> str:
    """Six significant digits, never an exponent; "" for nothing."""
    if value is None:
        return ""
    return f"{float(f'{value:.6g}'):.9f}".rstrip("0").rstrip(".")
