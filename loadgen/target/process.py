"""One of the target's serving processes: forked, on uvloop, with a listening socket of its own."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
from dataclasses import dataclass
from typing import NoReturn

from loadgen.forked import ORDERS, serve_in_fork
from loadgen.listening import BACKLOG
from loadgen.target.connection import Connection, WaitingConnection
from loadgen.target.counters import Counters
from loadgen.target.service import Service
from loadgen.target.settings import Behaviour
from loadgen.target.timer import Timer

__all__ = ["Process"]


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
        serve_in_fork(lambda: self._serve(report), parent=self.parent)

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
