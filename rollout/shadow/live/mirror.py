"""The mirror's process: sends copies to canary and baseline and puts the pairs together.

It runs beside the proxies, so that whatever a canary does is done to this process only.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple, NoReturn

from loadgen.forked import ORDERS, serve_in_fork
from rollout.shadow.live.brake import Brake, BrakeEvent, Outcome
from rollout.shadow.live.capture import Taken
from rollout.shadow.live.channel import Receiver, Sender
from rollout.shadow.live.copying import copy_of
from rollout.shadow.live.dialing import Dialer, Peer
from rollout.shadow.live.quota import Quota
from rollout.shadow.live.settings import Limits, LiveSettings
from rollout.shadow.live.side import Copy, Side, Told
from rollout.shadow.live.tally import BRAKED, WORD, Fate

__all__ = ["Mirror", "MirrorProcess", "Mirrored"]

_QUEUE_PER_LINE: Final = 4
"""Copies that wait for each that is under way; a longer queue only makes them older."""
_NICE: Final = 10
"""The kernel prefers the proxies, for which somebody waits."""
_GATHER_S: Final = 0.05
"""Nobody waits for a pair; compared in rows, they cost half as much."""
_DRAIN_S: Final = 5.0


class Mirrored(NamedTuple):
    """An exchange with production and what the others answered."""

    taken: Taken
    canary: Told
    baseline: Told | None


class Mirror:
    """Sends copies within all limits; each exchange it takes ends as a Fate.

    Args:
        limits: of rate, concurrency and memory.
        canary, baseline: the servers.
        hosts: what their Host fields shall say; empty: what the client said.
        counts: the slot of this process.
        hand_over: takes pairs and brake events; False: it is full.
    """

    def __init__(
        self,
        limits: Limits,
        canary: Side,
        baseline: Side | None,
        *,
        hosts: tuple[bytes, bytes],
        counts: memoryview[int],
        hand_over: Callable[[object], bool],
    ) -> None:
        self._limits = limits
        self._canary = canary
        self._baseline = baseline
        self._hosts = hosts
        self._counts = counts
        self._hand_over = hand_over
        self._brake = Brake()
        self._quota = Quota(limits.rate_rps)
        self._queue: deque[Taken] = deque()
        self._queue_bytes = 0
        self._under_way = 0
        self._loop = asyncio.get_running_loop()
        self._emptied = asyncio.Event()
        self._is_over = False

    def take(self, taken: object) -> None:
        """Takes an exchange over, as it comes out of a channel."""
        assert isinstance(taken, Taken)
        now_ns = time.monotonic_ns()
        size = len(taken.request) + len(taken.answer)
        if self._brake.until_ns is not None and now_ns < self._brake.until_ns:
            self._count(Fate.BRAKED)
        elif not self._quota.admits(now_ns):
            self._count(Fate.RATE)
        elif (
            len(self._queue) >= _QUEUE_PER_LINE * self._limits.concurrency
            or self._queue_bytes + size > self._limits.queue_bytes
        ):
            self._count(Fate.QUEUE_FULL)
        else:
            self._queue.append(taken)
            self._queue_bytes += size
            self._emptied.clear()
            self._go_on(now_ns)

    async def finish(self, patience_s: float) -> None:
        """Waits for what is under way, for a while; gives the rest up."""
        if self._under_way or self._queue:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._emptied.wait(), patience_s)
        self._is_over = True
        self._count(Fate.UNFINISHED, len(self._queue) + self._under_way)

    def _go_on(self, now_ns: int) -> None:
        """Sends what may be sent."""
        while self._queue and self._under_way < self._limits.concurrency:
            if not self._brake.admits(now_ns):
                if self._brake.until_ns is not None:
                    self._give_up_queue()
                break
            taken = self._queue.popleft()
            self._queue_bytes -= len(taken.request) + len(taken.answer)
            self._send(taken)
        if not self._queue and not self._under_way:
            self._emptied.set()

    def _send(self, taken: Taken) -> None:
        self._under_way += 1
        pairing = _Pairing(taken, self._baseline is not None, self._done)
        host, baseline_host = self._hosts
        copy = copy_of(taken.request, host=host)
        self._canary.send(Copy(copy, taken.is_head), pairing.canary_told)
        if self._baseline is not None:
            copy = copy_of(taken.request, host=baseline_host)
            self._baseline.send(Copy(copy, taken.is_head), pairing.baseline_told)

    def _done(self, mirrored: Mirrored) -> None:
        if self._is_over:
            return
        self._under_way -= 1
        now_ns = time.monotonic_ns()
        event = self._brake.note(_outcome(mirrored), now_ns)
        if event is not None:
            self._tell(event)
        self._count(Fate.PAIRED if self._hand_over(mirrored) else Fate.SINK_FULL)
        self._go_on(now_ns)

    def _tell(self, event: BrakeEvent) -> None:
        """Puts the brake on for the proxies, too, or releases it."""
        self._hand_over(event)
        until_ns = self._brake.until_ns
        self._counts[BRAKED] = until_ns is not None
        if until_ns is not None:
            self._loop.call_later((until_ns - event.at_ns) / 1e9, self._try_again)

    def _try_again(self) -> None:
        """The pause is over: proxies hand over again, of which single ones are sent."""
        self._counts[BRAKED] = 0

    def _give_up_queue(self) -> None:
        self._count(Fate.BRAKED, len(self._queue))
        self._queue.clear()
        self._queue_bytes = 0

    def _count(self, fate: Fate, count: int = 1) -> None:
        self._counts[WORD[fate]] += count


class _Pairing:
    """One exchange and the answers that are still to come."""

    __slots__ = ("_baseline", "_canary", "_done", "_has_baseline", "_taken")

    def __init__(self, taken: Taken, has_baseline: bool, done: Callable[[Mirrored], None]) -> None:
        self._taken = taken
        self._has_baseline = has_baseline
        self._done = done
        self._canary: Told | None = None
        self._baseline: Told | None = None

    def canary_told(self, told: Told) -> None:
        """The canary has answered, or failed."""
        self._canary = told
        self._end()

    def baseline_told(self, told: Told) -> None:
        """The baseline has answered, or failed."""
        self._baseline = told
        self._end()

    def _end(self) -> None:
        if self._canary is not None and (self._baseline is not None or not self._has_baseline):
            self._done(Mirrored(self._taken, self._canary, self._baseline))


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorProcess:
    """What the mirror's process starts from.

    Attributes:
        settings: of the whole.
        canary, baseline: where copies go.
        channels: from the proxies.
        outlet: to the parent.
        counts: its slot of the tally.
        parent: the process that it must not outlive.
    """

    settings: LiveSettings
    canary: Peer
    baseline: Peer | None
    channels: tuple[socket.socket, ...]
    outlet: socket.socket
    counts: memoryview[int]
    parent: int

    def run(self, report: int) -> NoReturn:
        """Lives this process's whole life; to be called in the child of a fork.

        It ends when all proxies have: SIGTERM it ignores, so that nothing handed over is lost.

        Args:
            report: descriptor that gets one byte once this process is ready.
        """
        for order in ORDERS:
            signal.signal(order, signal.SIG_IGN)
        os.nice(_NICE)
        serve_in_fork(lambda: self._serve(report), parent=self.parent)

    async def _serve(self, report: int) -> None:
        loop = asyncio.get_running_loop()
        limits = self.settings.limits
        sender = Sender(limits.outlet_bytes, gather_s=_GATHER_S)
        await loop.create_unix_connection(lambda: sender, sock=self.outlet)
        canary = self._side(self.canary)
        baseline = self._side(self.baseline) if self.baseline else None
        mirror = Mirror(
            limits,
            canary,
            baseline,
            hosts=(self._host(self.canary), self._host(self.baseline)),
            counts=self.counts,
            hand_over=sender.send,
        )
        left = set(self.channels)
        ended = asyncio.Event()

        def forget(channel: socket.socket) -> None:
            left.discard(channel)
            if not left:
                ended.set()

        for channel in self.channels:
            await loop.create_unix_connection(
                partial(Receiver, mirror.take, partial(forget, channel)), sock=channel
            )
        os.write(report, b"+")
        os.close(report)
        await ended.wait()
        await mirror.finish(limits.timeout_s)
        canary.close()
        if baseline is not None:
            baseline.close()
        await sender.drain(_DRAIN_S)
        sender.close()

    def _side(self, peer: Peer) -> Side:
        limits = self.settings.limits
        return Side(Dialer(peer).connect, timeout_s=limits.timeout_s, limit_bytes=limits.body_bytes)

    def _host(self, peer: Peer | None) -> bytes:
        if peer is None or not self.settings.own_host:
            return b""
        return peer.target.authority.encode()


def _outcome(mirrored: Mirrored) -> Outcome:
    taken, canary, _ = mirrored
    return Outcome(
        error=canary.error,
        status=canary.status,
        service_ns=canary.service_ns,
        production_status=taken.status,
        production_ns=taken.service_ns,
    )
