"""CPU and memory of processes of this machine, by the kernel's own account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import psutil

from loadgen.watch.usage import CpuMeter, Usage, WatchError

__all__ = ["ProcessSource"]


class ProcessSource:
    """Some processes together.

    Memory is the sum of what is resident in each, so pages that they share count once a
    process.

    Args:
        pids: the processes.
        children: count their descendants, too, as they come and go.

    Raises:
        WatchError: one of them does not exist.
    """

    def __init__(self, pids: Sequence[int], *, children: bool) -> None:
        self._roots = [_find(pid) for pid in pids]
        self._children = children
        self._meter = CpuMeter()
        self._cpu_s: dict[psutil.Process, float] = {}
        self._ended_cpu_s = 0.0

    def read(self, now_s: float) -> Usage:
        """Reads all that still live.

        Raises:
            WatchError: none does.
        """
        seen: dict[psutil.Process, float] = {}
        memory_bytes = 0
        for process in self._processes():
            try:
                with process.oneshot():
                    times = process.cpu_times()
                    memory_bytes += process.memory_info().rss
            except psutil.Error:
                continue
            seen[process] = times.user + times.system
        if not seen:
            pids = ", ".join(str(process.pid) for process in self._roots)
            raise WatchError(f"process {pids}: it has ended or may not be looked at")
        # What a process used before it ended was used all the same.
        self._ended_cpu_s += sum(
            cpu_s for process, cpu_s in self._cpu_s.items() if process not in seen
        )
        self._cpu_s = seen
        cpu_s = self._ended_cpu_s + sum(seen.values())
        return Usage(cpu_percent=self._meter.percent(now_s, cpu_s), memory_bytes=memory_bytes)

    def close(self) -> None:
        """Nothing is held open."""

    def _processes(self) -> Iterable[psutil.Process]:
        for root in self._roots:
            yield root
            if self._children:
                try:
                    yield from root.children(recursive=True)
                except psutil.Error:
                    continue


def _find(pid: int) -> psutil.Process:
    try:
        return psutil.Process(pid)
    except (psutil.Error, ValueError):
        raise WatchError(f"process {pid}: found none on this machine") from None
