"""One connection and the requests on it: opened when needed, repeated once when that is safe.

By the rules of `_ext/lg_conn.c`.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from loadgen.slow_engine.dialer import Dialer, DialError
from loadgen.slow_engine.link import Link
from loadgen.slow_engine.recorder import Turn

if TYPE_CHECKING:
    from collections.abc import Callable

    from loadgen.slow_engine.link import Outcome
    from loadgen.slow_engine.recorder import Recorder
    from loadgen.wire import EnginePlan

__all__ = ["Client"]

BACKOFF_FIRST_NS = 5_000_000
BACKOFF_MAX_NS = 100_000_000


class Client:
    """A connection to one target, standing or not.

    Attributes:
        free_ns: since when it could take a request.
        retry_ns: it is not opened before this.
        is_waiting: a request was sent and its answer is awaited.
    """

    def __init__(
        self,
        plan: EnginePlan,
        dialer: Dialer,
        recorder: Recorder,
        target: int,
        is_running: Callable[[], bool],
    ) -> None:
        """Nothing is opened yet.

        Args:
            plan: whose requests it sends.
            dialer: opens its connection.
            recorder: is told what happens.
            target: index in the plan.
            is_running: False once the load is over: then nothing is repeated.
        """
        self.free_ns = 0
        self.retry_ns = 0
        self.is_waiting = False
        self._plan = plan
        self._dialer = dialer
        self._recorder = recorder
        self._target = target
        self._is_running = is_running
        first = next(i for i, one in enumerate(plan.requests) if one.target == target)
        self._turn = Turn(endpoint=first, intended_ns=0, warmup=False)
        self._link: Link | None = None
        self._failures = 0
        self._has_answered = False

    @property
    def is_open(self) -> bool:
        """True when its connection stands."""
        return self._link is not None and self._link.is_open

    async def open(self) -> None:
        """Opens it ahead of its first request; when that fails it backs off."""
        try:
            await self._dial(self._turn.endpoint, counted=True)
        except DialError:
            return

    async def send(self, turn: Turn) -> None:
        """Sends a request and records what comes of it; never fails."""
        self._turn = turn
        self._recorder.begun(turn)
        outcome = await self._outcome(turn)
        if outcome is not None:
            self._finish(turn, outcome)

    def close(self) -> None:
        """Ends its connection, when it stands."""
        link, self._link = self._link, None
        self._has_answered = False
        if link is not None:
            link.close()

    async def _outcome(self, turn: Turn) -> Outcome | None:
        """The end of its last exchange; None when there was none, which is recorded."""
        repeated = False
        while True:
            try:
                link = await self._standing(turn)
            except DialError as error:
                self.free_ns = time.monotonic_ns()
                self._recorder.failed(turn, error.error_class, self.free_ns)
                return None
            except asyncio.CancelledError:
                self._recorder.abandoned()
                raise
            outcome = await self._exchange(link, turn, repeated)
            if not self._may_repeat(outcome, turn, repeated):
                return outcome
            repeated = True
            self._recorder.noted("reconnects", turn)
            self.close()

    async def _standing(self, turn: Turn) -> Link:
        if self._link is None or not self._link.is_open:
            await self._dial(turn.endpoint, counted=not turn.warmup)
        assert self._link is not None
        return self._link

    async def _dial(self, endpoint: int, *, counted: bool) -> None:
        try:
            self._link = await self._dialer.dial(
                self._target, endpoint, lambda: Link(self._unasked), counted=counted
            )
        except DialError:
            pause_ns = min(BACKOFF_FIRST_NS << self._failures, BACKOFF_MAX_NS)
            self._failures += pause_ns < BACKOFF_MAX_NS
            self.retry_ns = time.monotonic_ns() + pause_ns
            raise
        self._has_answered = False
        self._failures = self.retry_ns = 0
        self.free_ns = time.monotonic_ns()

    async def _exchange(self, link: Link, turn: Turn, repeated: bool) -> Outcome:
        request = self._plan.requests[turn.endpoint]
        turn.sent_ns = time.monotonic_ns()
        if not repeated:
            self._recorder.sent(turn, self.free_ns)
        # What asyncio buffers is taken for sent: it does not tell when the kernel took it.
        self._recorder.noted("bytes_sent", turn, len(request.wire))
        self.is_waiting = True
        try:
            return await link.exchange(request, self._plan.timeout_ns / 1e9)
        finally:
            self.is_waiting = False

    def _may_repeat(self, outcome: Outcome, turn: Turn, repeated: bool) -> bool:
        """RFC 9112 section 9.3.1: a request that crossed the close of an idle connection."""
        return (
            outcome.error in {"closed", "reset"}
            and not outcome.first_ns
            and self._has_answered
            and not repeated
            and self._plan.requests[turn.endpoint].idempotent
            and self._is_running()
        )

    def _finish(self, turn: Turn, outcome: Outcome) -> None:
        self._recorder.noted("bytes_received", turn, outcome.received)
        if outcome.surplus:
            self._recorder.noted("surplus", turn)
        if outcome.error:
            self._recorder.failed(turn, outcome.error, outcome.at_ns)
        else:
            self._recorder.answered(turn, outcome.status, outcome.first_ns, outcome.at_ns)
        self.free_ns = outcome.at_ns
        if outcome.keep_alive and self._plan.keepalive and not outcome.surplus:
            self._has_answered = True
        else:
            self.close()

    def _unasked(self) -> None:
        """Bytes came although no request was on the way: the last one has too many."""
        self._recorder.noted("surplus", self._turn)
