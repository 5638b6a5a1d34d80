"""What the kernel says of time that was taken from us: run queues, quotas, stolen CPU.

Thin readers of /proc and /sys; a source that does not exist reads as zero.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from loadgen.cgroup import cpu_folders

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Waits", "read_waits"]

ROOT = Path("/")
_THROTTLED_UNITS = {"throttled_usec": 1e6, "throttled_time": 1e9}
"""What versions 2 and 1 of control groups call it, and its units in a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Totals since boot or since the process began; two readings make a difference.

    Attributes:
        run_delay_ns: per worker, time ready to run and not running.
        throttled_s: time for which a CPU quota stopped our control group.
        stolen_s: CPU time that the hypervisor gave to others, all cores.
        machine_s: CPU time of all cores, idle included.
    """

    run_delay_ns: tuple[int, ...]
    throttled_s: float
    stolen_s: float
    machine_s: float

    def since(self, before: Waits) -> Waits:
        """What was added since an earlier reading of the same workers."""
        pairs = zip(self.run_delay_ns, before.run_delay_ns, strict=True)
        return Waits(
            # A worker that has ended reads as zero.
            run_delay_ns=tuple(max(0, now - then) for now, then in pairs),
            throttled_s=self.throttled_s - before.throttled_s,
            stolen_s=self.stolen_s - before.stolen_s,
            machine_s=self.machine_s - before.machine_s,
        )


def read_waits(pids: Sequence[int]) -> Waits:
    """Reads all of it now."""
    stolen_s, machine_s = _cpu_times()
    return Waits(
        run_delay_ns=tuple(_run_delay_ns(pid) for pid in pids),
        throttled_s=_throttled_s(),
        stolen_s=stolen_s,
        machine_s=machine_s,
    )


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _run_delay_ns(pid: int) -> int:
    """Second number of /proc/PID/schedstat: nanoseconds spent waiting on a run queue."""
    fields = _read(ROOT / "proc" / str(pid) / "schedstat").split()
    return int(fields[1]) if len(fields) > 1 else 0


def _throttled_s() -> float:
    """For how long a quota has stopped our control group or one around it, the most of them."""
    return max(map(_throttled_in, cpu_folders(ROOT)), default=0.0)


def _throttled_in(folder: Path) -> float:
    for line in _read(folder / "cpu.stat").splitlines():
        name, _, value = line.partition(" ")
        if name in _THROTTLED_UNITS:
            return int(value) / _THROTTLED_UNITS[name]
    return 0.0


def _cpu_times() -> tuple[float, float]:
    """Stolen and total seconds of the line "cpu" of /proc/stat; guest time is in user time."""
    line = _read(ROOT / "proc/stat").partition("\n")[0].split()
    ticks = [int(field) for field in line[1:9]]
    if len(ticks) < 8:
        return 0.0, 0.0
    hertz = os.sysconf("SC_CLK_TCK")
    return ticks[7] / hertz, sum(ticks) / hertz
