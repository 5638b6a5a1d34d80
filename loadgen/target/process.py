"""One of the target's serving processes: forked, on uvloop, with a listening socket of its own."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import signal
import socket
import traceback
from dataclasses import dataclass
from typing import Final, NoReturn

import uvloop

from loadgen.listening import BACKLOG
from loadgen.target.connection import Connection, WaitingConnection
from loadgen.target.counters import Counters
from loadgen.target.service import Service
from loadgen.target.settings import Behaviour
from loadgen.target.timer import Timer

__all__ = ["ORDERS", "Process", "die_with"]

ORDERS: Final = frozenset({signal.SIGINT, signal.SIGTERM})
"""The signals that end a target."""
_PR_SET_PDEATHSIG: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """What a serving process starts from.

    Attributes:
        behaviour: how it answers.
        index: 0 .. processes - 1; its slot in `memory`.
        listener: bound and listening.
        memory: the counters of all processes.
        started_ns: the server's start, CLOCK_MONOTONIC.
        parent: the process that it must not outlive.
    """

    behaviour: Behaviour
    index: int
    listener: socket.socket
    memory: Counters
    started_ns: int
    parent: int

    def run(self, report: int) -> NoReturn:
        """Lives this process's whole life; to be called in the child of a fork.

        Args:
            report: descriptor that gets one byte once this process answers.
        """
        code = 1
        try:
            die_with(self.parent, signal.SIGKILL)
            # Ctrl-C reaches the whole group, but the order to end comes from the parent.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            uvloop.run(self._serve(report))
            code = 0
        except Exception:
            traceback.print_exc()  # nobody else will: the stack ends here
        finally:
            os._exit(code)  # the code of the parent, further up the stack, is not ours

    async def _serve(self, report: int) -> None:
        loop = asyncio.get_running_loop()
        timer = Timer(loop)
        service = Service(
            self.behaviour,
            memory=self.memory,
            process=self.index,
            started_ns=self.started_ns,
            timer=timer,
        )
        kind = WaitingConnection if self.behaviour.waits else Connection
        ended = asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, ended.set)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {*ORDERS, signal.SIGCHLD})
        gc.freeze()  # what lives from here to the end need not be looked at again
        server = await loop.create_server(
            lambda: kind(service), sock=self.listener, backlog=BACKLOG
        )
        os.write(report, b"+")
        os.close(report)
        await ended.wait()
        server.close()
        for transport in tuple(service.transports):
            transport.close()
        timer.close()


def die_with(parent: int, signal_number: int = signal.SIGTERM) -> None:
    """Has the kernel send us a signal when our parent ends, however it ends.

    Args:
        parent: its process id, as it knew it itself: it may be gone already.
        signal_number: what we are sent.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal_number)
