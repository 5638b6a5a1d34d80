"""When the next recorded request may be sent: its own time, a rate, a limit, the brake.

Nothing is given up for want of a slot or a rate while there is time: what waits is only lost
when it has become too late to say anything about the traffic that was recorded.
"""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from rollout.shadow.live.brake import Brake, BrakeEvent, Outcome
from rollout.shadow.live.quota import Quota

if TYPE_CHECKING:
    from rollout.shadow.live.settings import Limits

__all__ = ["LATEST_S", "Turns"]

LATEST_S: Final = 5.0
"""What could be sent only later than this is not sent; at any speed but the highest."""
_PROBE_S: Final = 0.01
"""How often it is looked whether the brake's probe has come back."""


class Turns:
    """Gives requests their turn, one after the other.

    Attributes:
        brakes: when the canary was drowning, and when it was afloat again.

    Args:
        limits: of rate and concurrency.
        speed: how many recorded seconds pass in one; infinite: as fast as the limits let.
    """

    def __init__(self, limits: Limits, speed: float) -> None:
        self.brakes: list[BrakeEvent] = []
        self._speed = speed
        self._rate_rps = limits.rate_rps
        self._quota = Quota(limits.rate_rps)
        self._brake = Brake()
        self._free = asyncio.Semaphore(limits.concurrency)
        self._stopped = asyncio.Event()
        self._begin_ns = time.monotonic_ns()

    @property
    def is_stopped(self) -> bool:
        """No request gets a turn any more."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Gives no more turns; whoever waits for one is told so."""
        self._stopped.set()

    async def wait(self, at_s: float) -> bool:
        """Waits for the turn of a request.

        Args:
            at_s: recorded time since the first request.

        Returns:
            True: it must be sent now, and `done` be called once it is answered. False: it is
            too late, or all has been stopped.
        """
        due_ns = self._begin_ns + round(at_s / self._speed * 1e9)
        latest_ns = math.inf if math.isinf(self._speed) else due_ns + LATEST_S * 1e9
        await self._pause((due_ns - time.monotonic_ns()) / 1e9)
        await self._free.acquire()
        while not self.is_stopped and (now_ns := time.monotonic_ns()) <= latest_ns:
            pause_s = self._pause_s(now_ns)
            if not pause_s:
                return True
            await self._pause(pause_s)
        self._free.release()
        return False

    def done(self, outcome: Outcome) -> None:
        """A request that had its turn was answered by production and canary, or failed."""
        event = self._brake.note(outcome, time.monotonic_ns())
        if event is not None:
            self.brakes.append(event)
        self._free.release()

    def _pause_s(self, now_ns: int) -> float:
        """How long the next one has to wait at least; 0: it must be sent."""
        until_ns = self._brake.until_ns
        if until_ns is not None and now_ns < until_ns:
            return (until_ns - now_ns) / 1e9
        if not self._quota.admits(now_ns):
            return 1 / self._rate_rps
        return 0.0 if self._brake.admits(now_ns) else _PROBE_S

    async def _pause(self, seconds: float) -> None:
        """Sleeps, but not longer than until the stop."""
        if seconds > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), seconds)
