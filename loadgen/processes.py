"""The worker processes: started with their task, watched, ended."""

from __future__ import annotations

import contextlib
import os
import pickle
import re
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from loadgen.errors import WorkerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.worker import WorkerTask

__all__ = ["WorkerProcess", "start"]

END_PATIENCE_S = 2.0
_INHERITED = re.compile(
    r"PATH|TZ|LANG|LC_.*|LD_.*|PYTHON.*|SSL_CERT_.*|OPENSSL_.*|MALLOC_.*|GLIBC_TUNABLES|[A-Z]+SAN_.*"
)
"""What an interpreter and its libraries read. Other variables may hold secrets, and workers
get theirs by the pipe."""


@dataclass(slots=True, kw_only=True)
class WorkerProcess:
    """One running worker.

    Attributes:
        index: its slot.
        exited_fd: a descriptor that becomes readable when it ends.
    """

    index: int
    process: subprocess.Popen[bytes]
    exited_fd: int
    _said: bytes = field(default=b"", init=False)

    @property
    def pid(self) -> int:
        """Its process number."""
        return self.process.pid

    @property
    def running(self) -> bool:
        """True until it has ended."""
        return self.process.poll() is None

    def death(self) -> str | None:
        """Why it ended, in one sentence; None while it runs or when it ended in order."""
        code = self.process.poll()
        if code is None or code == 0:
            return None
        if self.process.stderr is not None and not self.process.stderr.closed:
            self._said = self.process.stderr.read()
            self.process.stderr.close()
        how = f"was killed by {_signal_name(-code)}" if code < 0 else f"ended with code {code}"
        lines = self._said.decode(errors="replace").strip().splitlines()
        why = f": {lines[-1]}" if lines else ""
        hint = " (out of memory? see the kernel's log)" if code == -signal.SIGKILL else ""
        return f"worker {self.index} (pid {self.pid}) {how}{hint}{why}"

    def end(self) -> None:
        """Lets it go, waits for its end for a moment, then kills it. Frees what it held."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(END_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()
        os.close(self.exited_fd)


def start(tasks: Sequence[WorkerTask]) -> tuple[WorkerProcess, ...]:
    """Starts one process per task.

    Raises:
        WorkerError: the system gives no process; those already started are killed.
    """
    started: list[WorkerProcess] = []
    try:
        started.extend(map(_start_one, tasks))
    except OSError as error:
        for worker in started:
            worker.process.kill()
            worker.end()
        raise WorkerError(
            f"worker {len(started)} of {len(tasks)} cannot be started: {error.strerror}; "
            "check the limits of processes and memory, or use fewer --workers"
        ) from None
    return tuple(started)


def _start_one(task: WorkerTask) -> WorkerProcess:
    root = str(Path(__file__).resolve().parent.parent)
    inherited = {name: text for name, text in os.environ.items() if _INHERITED.fullmatch(name)}
    path = os.pathsep.join(filter(None, [root, inherited.get("PYTHONPATH")]))
    process = subprocess.Popen(
        # -P: a folder named loadgen or slo where the user stands is not this program.
        [sys.executable, "-P", "-m", "loadgen.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=[fd for fd in (task.arena_fd, task.samples_fd) if fd >= 0],
        env={**inherited, "PYTHONPATH": path},
    )
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):  # died before it read its task: death() says why
        process.stdin.write(pickle.dumps(task))
        process.stdin.flush()
    return WorkerProcess(index=task.slot, process=process, exited_fd=os.pidfd_open(process.pid))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
