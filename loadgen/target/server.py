"""The target's processes: one socket each on one port (SO_REUSEPORT), a parent that watches.

The parent serves nothing. It binds, forks, reports when all are ready, and waits for a
signal; a process that dies ends the others, for its share of the connections would hang.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Final

from loadgen.errors import WorkerError
from loadgen.forked import ORDERS
from loadgen.listening import listen_shared, raise_file_limit_to_hard
from loadgen.target.counters import Counters
from loadgen.target.process import Process
from loadgen.target.settings import Settings

__all__ = ["serve"]

_GRACE_S: Final = 5.0


def serve(settings: Settings, *, on_ready: Callable[[str], None]) -> None:
    """Serves until SIGINT or SIGTERM.

    Args:
        settings: where, with how many processes, how.
        on_ready: is called with the URL once every process answers.

    Raises:
        ConfigError: the address cannot be listened on.
        WorkerError: a process could not start or died.
    """
    listeners = listen_shared(
        settings.host, settings.port, sockets=settings.processes, who="target"
    )
    raise_file_limit_to_hard()
    host, port = listeners[0].getsockname()[:2]
    memory = Counters(settings.processes)
    started_ns = time.monotonic_ns()
    # Held back until sigwait asks for them, so that none is lost between two steps.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {*ORDERS, signal.SIGCHLD})
    children: list[int] = []
    try:
        ready, report = os.pipe()
        for index, listener in enumerate(listeners):
            process = Process(
                behaviour=settings.behaviour,
                index=index,
                listener=listener,
                memory=memory,
                started_ns=started_ns,
                parent=os.getpid(),
            )
            pid = os.fork()
            if pid == 0:
                process.run(report)
            children.append(pid)
        os.close(report)
        for listener in listeners:
            listener.close()
        _await_ready(ready, len(children))
        on_ready(f"http://{f'[{host}]' if ':' in host else host}:{port}")
        _await_order(children)
    finally:
        _end(children)
        memory.close()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _await_ready(ready: int, processes: int) -> None:
    with os.fdopen(ready, "rb") as pipe:
        arrived = len(pipe.read(processes))
    if arrived < processes:
        raise WorkerError(f"target: {processes - arrived} of {processes} processes did not start")


def _await_order(children: list[int]) -> None:
    while signal.sigwait({*ORDERS, signal.SIGCHLD}) not in ORDERS:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid in children:
            children.remove(pid)
            code = os.waitstatus_to_exitcode(status)
            how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
            raise WorkerError(f"target: process {pid} {how}; the target is stopped")


def _end(children: list[int]) -> None:
    """By message, then by force."""
    for pid in children:
        os.kill(pid, signal.SIGTERM)
    deadline_s = time.monotonic() + _GRACE_S
    left = set(children)
    while left and (patience_s := deadline_s - time.monotonic()) > 0:
        left -= {pid for pid in left if os.waitpid(pid, os.WNOHANG)[0]}
        if left:
            signal.sigtimedwait({signal.SIGCHLD}, patience_s)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
