"""Numbers as people read them, the same in every report and display. Pure.

At least three significant digits, thousands separated, a unit that keeps the number short.
"""

from __future__ import annotations

import math

__all__ = ["NOTHING", "clock", "count", "decimal", "duration", "percent", "share", "size"]

NOTHING = "–"
"""Stands where there is no number: no samples, or too few to speak of a percentile."""

_TIME_UNITS = (("ns", 1e-6), ("µs", 1e-3), ("ms", 1.0), ("s", 1e3))
_SIZE_UNITS = ("KiB", "MiB", "GiB", "TiB")


def count(n: int) -> str:
    """A count: 15,750."""
    return f"{n:,}"


def decimal(value: float | None) -> str:
    """A number beside its unit: 1,050.3, 95.5, 1.23, 0.0521."""
    if value is None:
        return NOTHING
    return f"{value:,.{_decimals(value, significant=3, least=1)}f}"


def percent(value: float | None) -> str:
    """A percentage without its sign: 12.5, 0.15, 0.0042, 99.986.

    What is neither nothing nor all never looks like it.
    """
    if value is None:
        return NOTHING
    if value >= 10:
        return f"{value:.{_decimals(100 - value, significant=2, least=1)}f}"
    return f"{value:.{_decimals(value, significant=2, least=2)}f}"


def share(part: float) -> str:
    """A part of a whole, 0..1, with its sign: 25 %, 33.3 %, 0.01 %."""
    return f"{100 * part:.3g} %"


def duration(value_ms: float | None) -> str:
    """A time with its unit: 850 ns, 12.3 µs, 1.23 ms, 30.0 s.

    Args:
        value_ms: milliseconds; None gives NOTHING.
    """
    if value_ms is None:
        return NOTHING
    unit, unit_ms = next(
        (pair for pair in _TIME_UNITS if _three_digits(value_ms / pair[1]) < 1000), _TIME_UNITS[-1]
    )
    value = _three_digits(value_ms / unit_ms)
    digits = 0 if unit == "ns" else min(2, _decimals(value, significant=3, least=0))
    return f"{value:,.{digits}f} {unit}"


def clock(seconds: float) -> str:
    """A span of a run in whole seconds, rounded up: 12s, 5m 00s, 1h 05m."""
    whole = math.ceil(max(0.0, seconds) - 1e-6)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02}s"
    return f"{whole // 3600}h {whole % 3600 // 60:02}m"


def size(size_bytes: int) -> str:
    """Bytes with their unit: 512 B, 1.4 MiB."""
    if size_bytes < 1024:
        return f"{size_bytes:,} B"
    power = min(len(_SIZE_UNITS), math.floor(math.log(size_bytes * 1.00005, 1024)))
    return f"{size_bytes / 1024**power:,.1f} {_SIZE_UNITS[power - 1]}"


def _three_digits(value: float) -> float:
    return float(f"{value:.3g}")


def _decimals(value: float, *, significant: int, least: int) -> int:
    """Decimals that give a value so many significant digits, at least `least`, at most 9."""
    if value <= 0:
        return least
    return min(9, max(least, significant - 1 - math.floor(math.log10(value))))
