"""A program that runs on one core, and what it costs while it runs and in all."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

__all__ = ["Cost", "Pinned"]

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a program came to, its children included.

    Attributes:
        cpu_s: user and system time, start-up included.
        wall_s: from start to end.
    """

    cpu_s: float
    wall_s: float
    output: str


class Pinned:
    """Runs a program on one core; at the end of the `with` it and its children are gone."""

    def __init__(self, command: Sequence[str], *, cpu: int, cwd: Path) -> None:
        """Starts it.

        Args:
            command: program and arguments.
            cpu: the core for it and its children.
            cwd: the folder it runs in.
        """
        self._command = command
        self._output = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed in __exit__)
        self._started_s = time.monotonic()
        self._process = subprocess.Popen(
            ["taskset", "-c", str(cpu), *command],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "K6_NO_USAGE_REPORT": "true"},
        )

    def __enter__(self) -> Self:
        """Nothing to do: it runs already."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Ends what still runs."""
        if self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._output.close()

    @property
    def running(self) -> bool:
        """Whether it has not ended yet (it may be a zombie: its cost is read by `wait`)."""
        ended = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return ended is None

    def tree(self) -> list[psutil.Process]:
        """The program and its descendants, the program first."""
        program = psutil.Process(self._process.pid)
        return [program, *program.children(recursive=True)]

    def cpu_s(self) -> float:
        """User and system time so far, in the kernel's clock ticks (10 ms)."""
        total_s = 0.0
        for process in self.tree():
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue  # it has ended; its parent's children's time has it now
            total_s += times.user + times.system + times.children_user + times.children_system
        return total_s

    def memory_bytes(self) -> list[int]:
        """Resident bytes of the program and of each descendant."""
        return [process.memory_info().rss for process in self.tree()]

    def wait(self, timeout_s: float, *, fine: Collection[int] = (0,)) -> Cost:
        """Waits for the end.

        Args:
            timeout_s: longest wait.
            fine: exit codes that are no failure.

        Raises:
            RuntimeError: it failed, or did not end in time; says what it printed.
        """
        program = self._command[0]
        pidfd = os.pidfd_open(self._process.pid)
        try:
            ended, _, _ = select.select([pidfd], [], [], timeout_s)
        finally:
            os.close(pidfd)
        if not ended:
            raise RuntimeError(f"{program} did not end within {timeout_s:g} s: {self._tail()}")
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        if self._process.returncode not in fine:
            raise RuntimeError(f"{program} ended with {self._process.returncode}: {self._tail()}")
        return Cost(
            cpu_s=usage.ru_utime + usage.ru_stime,
            wall_s=time.monotonic() - self._started_s,
            output=self._text(),
        )

    def _text(self) -> str:
        self._output.seek(0)
        return self._output.read()

    def _tail(self) -> str:
        return " | ".join(self._text().splitlines()[-5:]) or "(it printed nothing)"
