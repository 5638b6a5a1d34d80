"""The box as the kernel describes it: thin readers of /proc and /sys, and one look at the clock.

A source that does not exist is None or empty: containers and virtual machines hide some.
"""

from __future__ import annotations

import gc
import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path

from loadgen import machine
from loadgen.cgroup import cpu_folders

__all__ = ["Box", "Interruptions", "read_box"]

_GAP_NS = 20_000
"""The clock is read every 0.1 us; what takes 200 times as long was not this program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruptions:
    """What happened while one thread did nothing but read the clock.

    Attributes:
        watched_s: for how long it did.
        lost_s: time in gaps: other programs, interrupts, the hypervisor.
        longest_s: the longest gap.
        steal_percent: what the hypervisor took meanwhile, of all cores.
    """

    watched_s: float
    lost_s: float
    longest_s: float
    steal_percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """What decides how well this box can generate load.

    Attributes:
        files_soft, files_hard: limits of open files of a process; None: no limit.
        ports: first and last ephemeral port.
        tw_reuse: net.ipv4.tcp_tw_reuse: 0 no, 1 yes, 2 on the loopback.
        somaxconn: connections that may wait to be accepted.
        quota_cores: CPU quota of our control group and those around it; None without.
        governors: of the CPU frequency, of all cores; empty when not visible.
        clocksource: where time comes from.
        cores_allowed: this process may run on. cores_online: the box has.
        interruptions: see there.
    """

    files_soft: int | None
    files_hard: int | None
    ports: tuple[int, int] | None
    tw_reuse: int | None
    somaxconn: int | None
    quota_cores: float | None
    governors: frozenset[str]
    clocksource: str
    cores_allowed: int
    cores_online: int
    interruptions: Interruptions


def read_box(*, root: Path = Path("/"), watch_s: float = 0.5) -> Box:
    """Looks at this box.

    Args:
        root: where /proc and /sys are.
        watch_s: for how long the clock is watched; it takes a core for that time.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    network = root / "proc/sys/net"
    ports = _read(network / "ipv4/ip_local_port_range").split()
    cpus = (root / "sys/devices/system/cpu").glob("cpu[0-9]*/cpufreq/scaling_governor")
    clock = root / "sys/devices/system/clocksource/clocksource0/current_clocksource"
    return Box(
        files_soft=None if soft == resource.RLIM_INFINITY else soft,
        files_hard=None if hard == resource.RLIM_INFINITY else hard,
        ports=(int(ports[0]), int(ports[1])) if len(ports) == 2 else None,
        tw_reuse=_number(network / "ipv4/tcp_tw_reuse"),
        somaxconn=_number(network / "core/somaxconn"),
        quota_cores=_quota_cores(root),
        governors=frozenset(filter(None, map(_read, cpus))),
        clocksource=_read(clock),
        cores_allowed=len(os.sched_getaffinity(0)),
        cores_online=os.cpu_count() or 1,
        interruptions=_watch(watch_s),
    )


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _number(path: Path) -> int | None:
    text = _read(path)
    return int(text) if text.lstrip("-").isdigit() else None


def _quota_cores(root: Path) -> float | None:
    """The smallest quota on the way from our control group to the root, versions 1 and 2."""
    quotas = [quota for folder in cpu_folders(root) for quota in _quota(folder)]
    return min(quotas, default=None)


def _quota(folder: Path) -> list[float]:
    """No quota, or one: microseconds of CPU time per period, as cores."""
    fields = _read(folder / "cpu.max").split()
    if not fields:
        fields = [_read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us")]
    if len(fields) != 2 or not all(field.isdigit() for field in fields):
        return []  # "max", "-1" or not there
    return [int(fields[0]) / int(fields[1])]


def _watch(watch_s: float) -> Interruptions:
    before = machine.read_waits([])
    lost_ns = longest_ns = 0
    collecting = gc.isenabled()
    gc.disable()
    start_ns = last_ns = time.monotonic_ns()
    end_ns = start_ns + round(watch_s * 1e9)
    while last_ns < end_ns:
        now_ns = time.monotonic_ns()
        gap_ns = now_ns - last_ns
        if gap_ns > _GAP_NS:
            lost_ns += gap_ns
            longest_ns = max(longest_ns, gap_ns)
        last_ns = now_ns
    if collecting:
        gc.enable()
    waits = machine.read_waits([]).since(before)
    return Interruptions(
        watched_s=(last_ns - start_ns) / 1e9,
        lost_s=lost_ns / 1e9,
        longest_s=longest_ns / 1e9,
        steal_percent=100 * waits.stolen_s / waits.machine_s if waits.machine_s > 0 else 0.0,
    )
