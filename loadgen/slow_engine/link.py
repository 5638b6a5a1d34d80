"""What asyncio calls on one connection: bytes came, the connection ended."""

from __future__ import annotations

import asyncio
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from loadgen.slow_engine.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from loadgen.wire import WireRequest

__all__ = ["Link", "Outcome"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an exchange on a link ended.

    Attributes:
        at_ns: when.
        first_ns: when the first byte of the answer came; 0: none did.
        status: of a whole answer; 0: there is none.
        error: the error class when there is none.
        keep_alive: the link may carry another request.
        surplus: more came than the answer.
        received: bytes that came.
    """

    at_ns: int
    first_ns: int
    status: int = 0
    error: str = ""
    keep_alive: bool = False
    surplus: bool = False
    received: int = 0


class Link(asyncio.Protocol):
    """A connection that stands, or has ended; it carries one exchange at a time.

    Attributes:
        is_open: it has not ended.
    """

    def __init__(self, unasked: Callable[[], None]) -> None:
        """Is made before the connection stands.

        Args:
            unasked: called when bytes come that nobody asked for; they end it.
        """
        self.is_open = False
        self._unasked = unasked
        self._transport: asyncio.Transport | None = None
        self._answer: Answer | None = None
        self._future: asyncio.Future[Outcome] | None = None
        self._first_ns = 0
        self._received = 0

    async def exchange(self, request: WireRequest, timeout_s: float) -> Outcome:
        """Sends a request and waits for its answer, for its time, or for the end of the link."""
        if self._transport is None or not self.is_open:
            return Outcome(at_ns=time.monotonic_ns(), first_ns=0, error="closed")
        loop = asyncio.get_running_loop()
        self._answer = Answer(head=request.head)
        self._first_ns = self._received = 0
        self._future = loop.create_future()
        deadline = loop.call_later(timeout_s, self._end, "timeout")
        self._transport.write(request.wire)
        try:
            return await self._future
        finally:
            deadline.cancel()
            self._future = None

    def close(self) -> None:
        """Ends it without waiting for anybody."""
        self.is_open = False
        if self._transport is not None:
            self._transport.abort()

    # What follows is called by asyncio.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """TCP and TLS stand."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's only quacks like one
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        """Bytes of the answer, or bytes that nobody asked for."""
        future, answer = self._future, self._answer
        if future is None or answer is None or future.done():
            if self.is_open:
                self._unasked()
                self.close()
            return
        if not self._first_ns:
            self._first_ns = time.monotonic_ns()
        self._received += len(data)
        answer.feed(data)
        if answer.error or answer.done:
            self._end(answer.error)

    def eof_received(self) -> bool:
        """The peer sends nothing any more: with us it is over, too."""
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """The connection ended: in order (None) or not."""
        self.is_open = False
        if self._answer is not None and error is None and self._answer.end():
            self._end("", ended=True)
        else:
            self._end(_lost_class(error), ended=True)

    def _end(self, error: str, *, ended: bool = False) -> None:
        """The exchange at hand is over, when there is one."""
        future, answer = self._future, self._answer
        if future is None or answer is None or future.done():
            return
        future.set_result(
            Outcome(
                at_ns=time.monotonic_ns(),
                first_ns=self._first_ns,
                status=0 if error else answer.status,
                error=error,
                keep_alive=answer.keep_alive and not ended,
                surplus=answer.surplus,
                received=self._received,
            )
        )


def _lost_class(error: Exception | None) -> str:
    match error:
        case None | BrokenPipeError() | ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return "closed"
        case ssl.SSLError():
            return "tls_protocol"
        case _:
            return "reset"
