"""One client's connection and its own connection to production: bytes go through as they are.

One to one, so that whatever the two say to each other, they say it as without a proxy:
pipelining, upgrades, half-closed connections, broken ones, and protocols nobody here knows.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Coroutine
from typing import Final, cast

from rollout.shadow.live.tally import CLIENTS, CUT
from rollout.shadow.live.tap import Tap

__all__ = ["Connect", "Relay", "Relays"]

Connect = Callable[[Callable[[], asyncio.Protocol]], Coroutine[object, object, None]]
"""Opens a connection to production with a protocol of the given make; raises OSError."""

LINGER_S: Final = 30.0
"""How long a client may stay that gets nothing any more, but has not said its last word."""
_LOUD_CLOSE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER that makes a close a reset: a broken answer must not look like a whole one."""
_UNREACHABLE: Final = b"loadgen shadow: production cannot be connected to\n"
_BAD_GATEWAY: Final = (
    b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n"
    b"Connection: close\r\n\r\n%b"
) % (len(_UNREACHABLE), _UNREACHABLE)


class Relays:
    """All relays of one process, and what they share.

    Attributes:
        open: those that are not over.
        connect: opens a connection to production.
        make_tap: makes what looks at a connection's bytes.
        counts: the slot of this process.
        is_stopping: no further request is awaited.
    """

    def __init__(
        self, connect: Connect, make_tap: Callable[[], Tap], counts: memoryview[int]
    ) -> None:
        self.open: set[Relay] = set()
        self.connect = connect
        self.make_tap = make_tap
        self.counts = counts
        self.is_stopping = False
        self.loop = asyncio.get_running_loop()
        self._emptied: asyncio.Future[None] | None = None

    def make(self) -> asyncio.Protocol:
        """The protocol of a client's new connection."""
        return Relay(self).client

    async def finish(self, patience_s: float) -> None:
        """Ends each relay once its answers are through, and all of them after a while."""
        self.is_stopping = True
        for relay in tuple(self.open):
            relay.wind_down()
        if self.open:
            self._emptied = self.loop.create_future()
            await asyncio.wait([self._emptied], timeout=patience_s)
        for relay in tuple(self.open):
            relay.cut()

    def forget(self, relay: Relay) -> None:
        """A relay is over."""
        self.open.discard(relay)
        if self._emptied and not self.open and not self._emptied.done():
            self._emptied.set_result(None)


class Relay:
    """One client's connection and its own connection to production.

    Attributes:
        client, production: the two connections.
        tap: sees what goes through.
        winds_down: it ends once nothing is on its way.
    """

    __slots__ = (
        "_connecting",
        "_early",
        "_leaving",
        "_relays",
        "client",
        "production",
        "tap",
        "winds_down",
    )

    def __init__(self, relays: Relays) -> None:
        self._relays = relays
        self._connecting: asyncio.Task[None] | None = None
        self._early: list[bytes] = []
        self._leaving: asyncio.TimerHandle | None = None
        self.winds_down = relays.is_stopping
        self.tap = relays.make_tap()
        self.client = _ClientEnd(self)
        self.production = _ProductionEnd(self)

    def begin(self) -> None:
        """The client is there."""
        self._relays.open.add(self)
        self._relays.counts[CLIENTS] += 1
        self._connecting = self._relays.loop.create_task(self._connect())

    def hold(self, piece: bytes) -> None:
        """The client speaks before production is there: one piece is kept, the rest waits."""
        self._early.append(piece)
        self.client.pause()

    def join(self) -> None:
        """Production is there, too: what the client said meanwhile goes out."""
        client, production = self.client, self.production
        if client.is_lost:
            production.abort()
            return
        client.forward = production.send
        production.forward = client.send
        for piece in self._early:
            production.send(piece)
        self._early.clear()
        client.resume()
        if client.has_ended:
            self._pass_end(client)

    def ended(self, end: _End) -> None:
        """One side sends nothing any more."""
        end.has_ended = True
        if end is self.production:
            self.tap.ended()
            self._linger()
        if self.production.transport is not None:
            self._pass_end(end)

    def lost(self, end: _End, *, is_broken: bool) -> None:
        """One side is gone; what it sent before still goes out."""
        if self._leaving is not None:
            self._leaving.cancel()
        other = self.other(end)
        is_cut = is_broken and end is self.production and self.tap.is_answering
        self.tap.close()
        if is_cut:
            other.break_off()
        else:
            other.close()
        if other.transport is None:
            self._relays.forget(self)

    def other(self, end: _End) -> _End:
        """The side across."""
        return self.production if end is self.client else self.client

    def wind_down(self) -> None:
        """Ends it now when nothing is on its way, else once all answers are through."""
        self.winds_down = True
        self.stop_when_idle()

    def stop_when_idle(self) -> None:
        """Ends it when nothing is on its way."""
        if self.tap.is_idle:
            self.client.close()
            self.production.close()

    def cut(self) -> None:
        """Ends it at once."""
        self.client.abort()
        self.production.abort()

    async def _connect(self) -> None:
        try:
            await self._relays.connect(lambda: self.production)
        except OSError:
            self._relays.counts[CUT] += 1
            self.client.forward = self._refuse
            if self._early:
                self._refuse(b"")
            else:
                self._linger()

    def _linger(self) -> None:
        """Bounds the stay of a client that gets nothing any more."""
        if self._leaving is None and not self.client.is_lost:
            self._leaving = self._relays.loop.call_later(LINGER_S, self.client.close)

    def _refuse(self, _piece: bytes) -> None:
        """Says why there will be no answer, once there is a question (RFC 9110 15.6.3)."""
        self.client.send(_BAD_GATEWAY)
        self.client.close()

    def _pass_end(self, end: _End) -> None:
        other = self.other(end)
        if other.has_ended:
            end.close()
            other.close()
        elif other.can_end:
            other.end()
        elif self.tap.is_opaque:
            other.close()  # TLS cannot be closed in one direction only
        else:
            self.wind_down()


class _End(asyncio.Protocol):
    """One of the two connections of a relay.

    Attributes:
        forward: sends to the other side.
        send: sends to this one, once it stands.
        transport: None before and after.
        has_ended: it sends nothing any more.
        is_lost: it is gone.
    """

    __slots__ = ("_relay", "_tap", "forward", "has_ended", "is_lost", "send", "transport")

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._tap = relay.tap
        self.forward: Callable[[bytes], object] = relay.hold
        self.send: Callable[[bytes], object] = _to_nobody
        self.transport: asyncio.Transport | None = None
        self.has_ended = False
        self.is_lost = False

    # Called by asyncio.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It stands."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's own class, alike
        self.send = self.transport.write

    def eof_received(self) -> bool:
        """It sends nothing any more; it may go on receiving unless it speaks TLS."""
        self._relay.ended(self)
        return self.can_end

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self.is_lost = True
        self.transport = None
        self.send = _to_nobody
        self._relay.other(self).forward = _to_nobody
        self._relay.lost(self, is_broken=exc is not None)

    def pause_writing(self) -> None:
        """It reads more slowly than the other side sends: that one has to wait."""
        self._relay.other(self).pause()

    def resume_writing(self) -> None:
        """It has caught up."""
        self._relay.other(self).resume()

    # Called by the relay.

    @property
    def can_end(self) -> bool:
        """It can be closed in one direction only."""
        return self.transport is not None and self.transport.can_write_eof()

    def pause(self) -> None:
        """Receives nothing for a while."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.pause_reading()

    def resume(self) -> None:
        """Receives again."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()

    def end(self) -> None:
        """Tells it that nothing more will be sent, once everything is."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write_eof()

    def close(self) -> None:
        """Ends it once everything is sent."""
        if self.transport is not None:
            self.transport.close()

    def abort(self) -> None:
        """Ends it at once."""
        if self.transport is not None:
            self.transport.abort()

    def break_off(self) -> None:
        """Ends it with a reset, which no client can mistake for the end of an answer."""
        if self.transport is not None:
            connection = self.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LOUD_CLOSE)
            self.transport.close()


class _ClientEnd(_End):
    """The connection that a client opened."""

    __slots__ = ()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._relay.begin()

    def data_received(self, data: bytes) -> None:
        """A piece of a request: first on its way, then looked at."""
        self.forward(data)
        self._tap.asked(data)


class _ProductionEnd(_End):
    """The connection that we opened for it."""

    __slots__ = ()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._relay.join()

    def data_received(self, data: bytes) -> None:
        """A piece of an answer: first on its way, then looked at."""
        self.forward(data)
        self._tap.answered(data)
        if self._relay.winds_down:
            self._relay.stop_when_idle()


def _to_nobody(_piece: bytes) -> None:
    """Sends to a connection that is gone."""
