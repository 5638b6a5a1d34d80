"""What the two loops have in common: the time frame of the load, and the wait for a due time."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass

from loadgen.slow_engine.client import Client
from loadgen.slow_engine.recorder import Turn

__all__ = ["Driver", "Frame"]

TIMER_NS = 1_000_000
"""uvloop's timers count milliseconds."""


@dataclass(slots=True, kw_only=True)
class Frame:
    """When the load goes on. Times are monotonic nanoseconds.

    Attributes:
        start_ns: it begins.
        measure_ns: the warm-up is over.
        end_ns: nothing is sent from then on; an early end moves it.
        spins: shorter waits than a timer can do are spent looking at the sockets.
    """

    start_ns: int
    measure_ns: int
    end_ns: int
    spins: bool

    def turn(self, endpoint: int, intended_ns: int) -> Turn:
        """A request that is due at a time."""
        warmup = intended_ns < self.measure_ns
        return Turn(endpoint=endpoint, intended_ns=intended_ns, warmup=warmup)

    async def until(self, at_ns: int) -> None:
        """Sleeps until a time; returns at once, without a turn of the loop, when it has come."""
        while (left_ns := at_ns - time.monotonic_ns()) > 0:
            if not self.spins:
                left_ns = max(left_ns, TIMER_NS)
            # The last half millisecond uvloop takes for none: the loop turns, and looks again.
            await asyncio.sleep(left_ns / 1e9)


class Driver(ABC):
    """Decides what is sent when.

    Attributes:
        clients: all connections.
    """

    clients: list[Client]

    @property
    @abstractmethod
    def tasks(self) -> list[asyncio.Task[None]]:
        """Everything that is under way, and what ended by a mistake of ours."""

    @abstractmethod
    async def prepare(self) -> None:
        """Opens the connections that are to stand when the load begins."""

    @abstractmethod
    def begin(self, frame: Frame) -> None:
        """The load begins; needs the running loop."""

    @abstractmethod
    def end(self) -> None:
        """Nothing new is sent from now on; connects that carry a request are given up."""

    @abstractmethod
    def users(self, now_ns: int) -> int:
        """Virtual users that are active."""
