"""One of the proxy's processes: forked, on uvloop, with a listening socket of its own."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import signal
import socket
import time
from dataclasses import dataclass
from typing import Final, NoReturn

from loadgen.forked import ORDERS, serve_in_fork
from loadgen.listening import BACKLOG
from rollout.shadow.live.capture import Intake, Taken
from rollout.shadow.live.channel import Sender
from rollout.shadow.live.dialing import Dialer, Peer
from rollout.shadow.live.relay import Relays
from rollout.shadow.live.settings import LiveSettings
from rollout.shadow.live.tally import BRAKED, Fate
from rollout.shadow.live.tap import Tap

__all__ = ["Proxy"]

_DRAIN_S: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """What a proxy process starts from.

    Attributes:
        settings: of the whole.
        production: where to.
        listener: bound and listening.
        channel: to the mirror.
        counts: its slot of the tally.
        mirror_counts: the mirror's slot, which says whether the brake is on.
        parent: the process that it must not outlive.
    """

    settings: LiveSettings
    production: Peer
    listener: socket.socket
    channel: socket.socket
    counts: memoryview[int]
    mirror_counts: memoryview[int]
    parent: int

    def run(self, report: int) -> NoReturn:
        """Lives this process's whole life; to be called in the child of a fork.

        Args:
            report: descriptor that gets one byte once this process serves.
        """
        serve_in_fork(lambda: self._serve(report), parent=self.parent)

    async def _serve(self, report: int) -> None:
        loop = asyncio.get_running_loop()
        settings = self.settings
        limits = settings.limits
        sender = Sender(limits.channels_bytes // settings.processes)
        await loop.create_unix_connection(lambda: sender, sock=self.channel)
        intake = Intake(
            settings.selection,
            counts=self.counts,
            body_limit_bytes=limits.body_bytes,
            memory_limit_bytes=limits.captures_bytes // settings.processes,
            hand_over=lambda taken: self._hand_over(sender, taken),
            clock=time.monotonic_ns,
            rng=random.Random(),
        )
        relays = Relays(Dialer(self.production).connect, lambda: Tap(intake), self.counts)
        ended = asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, ended.set)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {*ORDERS, signal.SIGCHLD})
        gc.freeze()  # what lives from here to the end need not be looked at again
        server = await loop.create_server(relays.make, sock=self.listener, backlog=BACKLOG)
        os.write(report, b"+")
        os.close(report)
        await ended.wait()
        server.close()
        await relays.finish(settings.grace_s)
        await sender.drain(_DRAIN_S)
        sender.close()

    def _hand_over(self, sender: Sender, taken: Taken) -> Fate | None:
        """Gives an exchange to the mirror; its fate, when it does not get there."""
        if self.mirror_counts[BRAKED]:
            return Fate.BRAKED
        if self.settings.selection.lacks_key(taken.request):
            return Fate.NO_KEY
        if sender.send(taken):
            return None
        return Fate.MIRROR_GONE if sender.is_gone else Fate.CHANNEL_FULL
