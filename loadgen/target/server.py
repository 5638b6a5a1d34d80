"""The target's processes: one socket each on one port (SO_REUSEPORT), a parent that watches.

The parent serves nothing. It binds, forks, reports when all are ready, and waits for a
signal; a process that dies ends the others, for its share of the connections would hang.
"""

from __future__ import annotations

import errno
import os
import resource
import signal
import socket
import time
from collections.abc import Callable
from typing import Final

from loadgen.errors import ConfigError, WorkerError
from loadgen.target.counters import Counters
from loadgen.target.process import BACKLOG, ORDERS, Process
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
    listeners = _listen(settings)
    _raise_file_limit()
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


def _raise_file_limit() -> None:
    """As many connections as the hard limit lets us have; the usual soft one is 1,024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _listen(settings: Settings) -> list[socket.socket]:
    where = f"{settings.host or '*'}:{settings.port}"
    try:
        family, _, _, _, address = socket.getaddrinfo(
            settings.host or None, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise ConfigError(
            f"target: cannot listen on {where}: {error.strerror}; "
            "use an address of this machine, such as 127.0.0.1:8000"
        ) from None
    listeners: list[socket.socket] = []
    try:
        address = (address[0], _free_port(family, address), *address[2:])
        for _ in range(settings.processes):
            listener = socket.socket(family, socket.SOCK_STREAM)
            listeners.append(listener)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
    except OSError as error:
        for listener in listeners:
            listener.close()
        raise ConfigError(_cannot_listen(where, error)) from None
    return listeners


def _free_port(family: int, address: tuple[object, ...]) -> int:
    """The port, after seeing that nobody listens there.

    With SO_REUSEPORT alone a second target would share the first one's connections unseen.
    """
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
        probe.listen(1)
        port: int = probe.getsockname()[1]
        return port


def _cannot_listen(where: str, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"target: {where} is in use by another program; stop it or choose another port"
        case errno.EACCES:
            return f"target: no permission to listen on {where}; use a port above 1023"
        case errno.EADDRNOTAVAIL:
            return f"target: {where} is not an address of this machine; use for example 127.0.0.1"
        case _:
            return f"target: cannot listen on {where}: {error.strerror}"


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
