"""The doctor's checks: each takes values and returns a Finding. Pure."""

from __future__ import annotations

from typing import Final

from loadgen.doctor.box import Box, Interruptions
from loadgen.doctor.finding import Finding, Level
from loadgen.preflight import FILES_BESIDE_CONNECTIONS

__all__ = [
    "backlog",
    "clock",
    "cores",
    "cpu_governor",
    "cpu_quota",
    "examine",
    "open_files",
    "ports",
    "quiet",
    "steal",
]

TIME_WAIT_S: Final = 60
"""How long Linux keeps the port of a connection that it closed itself."""
PORTS_WARN_SHARE: Final = 0.8
"""The others of the box, and ports in TIME_WAIT, need some, too."""
FAST_CLOCKS: Final = frozenset(
    {"tsc", "kvm-clock", "arch_sys_counter", "hyperv_clocksource_tsc_page"}
)
"""Read without a system call, in some 20 ns; the others cost up to several us a reading."""
LOST_WARN: Final = 0.01
LOST_FAIL: Final = 0.25
"""Shares of time. One lost percent is the p99 of an open loop; a quarter is what makes a
run INVALID (see slo.validity)."""
STEAL_WARN_PERCENT: Final = 1.0
STEAL_FAIL_PERCENT: Final = 25.0


def examine(box: Box, *, concurrency: int) -> tuple[Finding, ...]:
    """Every check of a box.

    Args:
        box: as it was read.
        concurrency: connections that the run will have at once.
    """
    workers = max(1, box.cores_allowed - 1)
    return (
        open_files(box.files_hard, concurrency=concurrency, workers=workers),
        ports(box.ports, box.tw_reuse, concurrency=concurrency),
        backlog(box.somaxconn, concurrency=concurrency),
        cores(box.cores_allowed, box.cores_online),
        cpu_quota(box.quota_cores, cores_allowed=box.cores_allowed),
        cpu_governor(box.governors),
        clock(box.clocksource),
        quiet(box.interruptions),
        steal(box.interruptions.steal_percent),
    )


def open_files(hard: int | None, *, concurrency: int, workers: int) -> Finding:
    """Are there descriptors for every connection? The soft limit is lifted by a run itself."""
    needed = -(-concurrency // workers) + FILES_BESIDE_CONNECTIONS
    enough = hard is None or hard >= needed
    return Finding(
        level=Level.OK if enough else Level.FAIL,
        what="Open files",
        observed="no limit" if hard is None else f"{hard:,} per process",
        expected=f"{needed:,} for {concurrency:,} connections",
        remedy=""
        if enough
        else f"ulimit -Hn {needed} as root, or LimitNOFILE={needed} of the service",
    )


def ports(span: tuple[int, int] | None, tw_reuse: int | None, *, concurrency: int) -> Finding:
    """Does every connection to one address of the target find a local port?"""
    what = "Local ports"
    expected = f"more than {concurrency:,}"
    if span is None:
        return Finding(level=Level.OK, what=what, observed="not visible", expected=expected)
    n = span[1] - span[0] + 1
    observed = f"{n:,}"
    if concurrency > n * PORTS_WARN_SHARE:
        return Finding(
            level=Level.FAIL if concurrency > n else Level.WARN,
            what=what,
            observed=observed,
            expected=expected,
            remedy='sysctl -w net.ipv4.ip_local_port_range="1024 65535"',
        )
    if tw_reuse == 0:
        return Finding(
            level=Level.WARN,
            what=what,
            observed=f"{observed}, kept {TIME_WAIT_S} s",
            expected="reused earlier",
            remedy=f"sysctl -w net.ipv4.tcp_tw_reuse=1; without it no more than {n // TIME_WAIT_S} "
            "new connections/s to a target that closes them",
        )
    return Finding(level=Level.OK, what=what, observed=observed, expected=expected)


def backlog(somaxconn: int | None, *, concurrency: int) -> Finding:
    """Can all connections of a starting run wait at once for a server on this box?"""
    enough = somaxconn is None or somaxconn >= concurrency
    return Finding(
        level=Level.OK if enough else Level.WARN,
        what="Backlog",
        observed="not visible" if somaxconn is None else f"{somaxconn:,}",
        expected=f"{concurrency:,} for a local server",
        remedy="" if enough else f"sysctl -w net.core.somaxconn={concurrency}",
    )


def cores(allowed: int, online: int) -> Finding:
    """Is there a core for the generator besides the rest of the box?"""
    enough = allowed > 1
    return Finding(
        level=Level.OK if enough else Level.WARN,
        what="Cores",
        observed=f"{allowed} of {online} allowed",
        expected="2 or more",
        remedy=""
        if enough
        else "allow more cores (taskset, cpuset), or use --precision cpu and --no-pin: "
        "the worker shares its core with everything else",
    )


def cpu_quota(quota_cores: float | None, *, cores_allowed: int) -> Finding:
    """Is the process stopped for the rest of a period when it has used its share?"""
    expected = f"none below {cores_allowed} cores"
    what = "CPU quota"
    if quota_cores is None:
        return Finding(level=Level.OK, what=what, observed="none", expected=expected)
    observed = f"{quota_cores:.3g} cores"
    if quota_cores >= cores_allowed:
        return Finding(level=Level.OK, what=what, observed=observed, expected=expected)
    return Finding(
        level=Level.WARN if quota_cores >= 1 else Level.FAIL,
        what=what,
        observed=observed,
        expected=expected,
        remedy="lift the CPU limit of this container or service, or use "
        f"--workers {max(1, int(quota_cores))} --precision cpu",
    )


def cpu_governor(governors: frozenset[str]) -> Finding:
    """Do the cores keep their frequency between two requests?"""
    slow = sorted(governors - {"performance"})
    return Finding(
        level=Level.WARN if slow else Level.OK,
        what="CPU governor",
        observed=", ".join(sorted(governors)) or "not visible",
        expected="performance",
        remedy="cpupower frequency-set -g performance" if slow else "",
    )


def clock(source: str) -> Finding:
    """Is the time cheap to read?"""
    fast = source in FAST_CLOCKS or not source
    return Finding(
        level=Level.OK if fast else Level.WARN,
        what="Clock source",
        observed=source or "not visible",
        expected="tsc or kvm-clock",
        remedy=""
        if fast
        else "boot with clocksource=tsc tsc=reliable if the CPU has an invariant TSC",
    )


def quiet(seen: Interruptions) -> Finding:
    """Does a thread that wants to run get its core?"""
    share = seen.lost_s / seen.watched_s
    level = Level.FAIL if share > LOST_FAIL else Level.WARN if share > LOST_WARN else Level.OK
    return Finding(
        level=level,
        what="Interruptions",
        observed=f"{share * 100:.2g} %, longest {seen.longest_s * 1e3:.2g} ms",
        expected=f"below {LOST_WARN * 100:g} % of the time",
        remedy=""
        if level is Level.OK
        else "stop other programs on this box, or take a dedicated one",
    )


def steal(percent: float) -> Finding:
    """Does the hypervisor give our cores to others?"""
    level = Level.OK
    if percent > STEAL_WARN_PERCENT:
        level = Level.FAIL if percent > STEAL_FAIL_PERCENT else Level.WARN
    return Finding(
        level=level,
        what="Steal",
        observed=f"{percent:.2g} %",
        expected=f"below {STEAL_WARN_PERCENT:g} %",
        remedy="" if level is Level.OK else "use a machine with dedicated cores",
    )
