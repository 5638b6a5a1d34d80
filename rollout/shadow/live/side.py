"""Connections of our own to a server that gets copies, kept alive between them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Final, NamedTuple, cast

from loadgen.slow_engine.answer import Answer
from loadgen.slow_engine.dialer import error_class

__all__ = ["Copy", "Side", "Told"]

_MAY_REPEAT: Final = frozenset({"closed", "reset"})
"""What a server that closes an idle connection looks like to who was just sending on it."""


class Copy(NamedTuple):
    """A request to be sent.

    Attributes:
        wire: its bytes.
        is_head: its answer has no body.
    """

    wire: bytes
    is_head: bool


class Told(NamedTuple):
    """How a server answered a copy, in the bytes of the wire.

    Attributes:
        answer: interim answers included; as much as was kept.
        by_close: the connection was closed after it.
        is_cut: there was more than was kept.
        service_ns: from sending to the last byte; with an error: to the error.
        status: of the final answer; 0: there is none.
        error: an error class; "" for a whole answer.
    """

    answer: bytes = b""
    by_close: bool = False
    is_cut: bool = False
    service_ns: int = 0
    status: int = 0
    error: str = ""


class Side:
    """A server that gets copies.

    Args:
        connect: opens a connection; raises OSError.
        timeout_s: longest wait for an answer, connecting included.
        limit_bytes: of an answer; more is not kept.
    """

    def __init__(
        self,
        connect: Callable[[Callable[[], asyncio.Protocol]], Coroutine[object, object, None]],
        *,
        timeout_s: float,
        limit_bytes: int,
    ) -> None:
        self._connect = connect
        self._timeout_s = timeout_s
        self.limit_bytes = limit_bytes
        self.loop = asyncio.get_running_loop()
        self._idle: list[_Line] = []
        self._all: set[_Line] = set()
        self._dialing: set[asyncio.Task[None]] = set()

    def send(self, copy: Copy, done: Callable[[Told], None]) -> None:
        """Sends a copy.

        Args:
            copy: the request.
            done: gets the answer, later, exactly once.
        """
        errand = _Errand(copy, done, time.monotonic_ns())
        errand.timer = self.loop.call_later(self._timeout_s, errand.expire)
        if self._idle:
            self._idle.pop().carry(errand, is_reused=True)
        else:
            self._dial(errand)

    def give_back(self, line: _Line) -> None:
        """A connection may carry another request."""
        self._idle.append(line)

    def forget(self, line: _Line) -> None:
        """A connection has ended."""
        self._all.discard(line)
        if line in self._idle:
            self._idle.remove(line)

    def repeat(self, errand: _Errand) -> None:
        """The server closed an idle connection just then: once more, on a fresh one."""
        self._dial(errand)

    def close(self) -> None:
        """Ends all connections."""
        for task in self._dialing:
            task.cancel()
        for line in tuple(self._all):
            line.close()

    def _dial(self, errand: _Errand) -> None:
        task = self.loop.create_task(self._open(errand))
        self._dialing.add(task)
        task.add_done_callback(self._dialing.discard)

    async def _open(self, errand: _Errand) -> None:
        line = _Line(self)
        try:
            await self._connect(lambda: line)
        except OSError as error:
            errand.fail(error_class(error, "connect_timeout"))
            return
        self._all.add(line)
        if errand.is_over:
            self.give_back(line)
        else:
            line.carry(errand, is_reused=False)


class _Errand:
    """One copy on its way.

    Attributes:
        copy: the request.
        line: that carries it.
        is_over: `done` was called.
        sent_ns: when it was sent.
        timer: its patience.
    """

    def __init__(self, copy: Copy, done: Callable[[Told], None], now_ns: int) -> None:
        self.copy = copy
        self.is_over = False
        self.line: _Line | None = None
        self.sent_ns = now_ns
        self.timer: asyncio.TimerHandle | None = None
        self._done = done

    def finish(self, told: Told) -> None:
        """It has come to its end."""
        if self.is_over:
            return
        self.is_over = True
        self.line = None
        if self.timer is not None:
            self.timer.cancel()
        self._done(told)

    def fail(self, error: str) -> None:
        """It has come to an end without an answer."""
        self.finish(Told(error=error, service_ns=time.monotonic_ns() - self.sent_ns))

    def expire(self) -> None:
        """Its time is up."""
        line = self.line
        self.fail("timeout")
        if line is not None:
            line.close()


class _Line(asyncio.Protocol):
    """A connection; it carries one copy at a time."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._transport: asyncio.Transport | None = None
        self._errand: _Errand | None = None
        self._is_reused = False
        self._pieces: list[bytes] = []
        self._held_bytes = 0
        self._is_cut = False
        self._answer = Answer()

    def carry(self, errand: _Errand, *, is_reused: bool) -> None:
        """Sends a copy."""
        self._errand = errand
        self._is_reused = is_reused
        self._pieces = []
        self._held_bytes = 0
        self._is_cut = False
        self._answer = Answer(head=errand.copy.is_head)
        errand.line = self
        errand.sent_ns = time.monotonic_ns()
        if self._transport is None:
            self._end("closed")
        else:
            self._transport.write(errand.copy.wire)

    def close(self) -> None:
        """Ends it at once."""
        if self._transport is not None:
            self._transport.abort()

    # Called by asyncio.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It stands."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own class, alike

    def data_received(self, data: bytes) -> None:
        """A piece of the answer, or bytes that nobody asked for."""
        if self._errand is None:
            self.close()
            return
        if self._held_bytes + len(data) <= self._side.limit_bytes:
            self._held_bytes += len(data)
            self._pieces.append(data)
        else:
            self._is_cut = True
        self._answer.feed(data)
        if self._answer.error or self._answer.done:
            self._end(self._answer.error)

    def connection_lost(self, exc: Exception | None) -> None:
        """It has ended, in order (None) or not."""
        self._transport = None
        self._side.forget(self)
        if self._errand is None:
            return
        is_answered = exc is None and self._answer.end()
        self._end("" if is_answered else "closed" if exc is None else "reset", by_close=True)

    def _end(self, error: str, *, by_close: bool = False) -> None:
        errand, self._errand = self._errand, None
        if errand is None:
            return
        if error in _MAY_REPEAT and self._is_reused and not self._pieces and not errand.is_over:
            self._side.repeat(errand)
            return
        is_reusable = not error and not by_close and self._answer.keep_alive
        if is_reusable and not self._answer.surplus:
            self._side.give_back(self)
        else:
            self.close()
        errand.finish(
            Told(
                b"".join(self._pieces),
                by_close,
                self._is_cut,
                time.monotonic_ns() - errand.sent_ns,
                0 if error else self._answer.status,
                error,
            )
        )
        self._pieces = []
