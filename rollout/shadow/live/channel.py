"""Values from one process to another, whole or not at all, and never waited for.

A frame is its length (8 bytes) and a pickle. Both ends are processes that we forked.
"""

from __future__ import annotations

import asyncio
import pickle
import struct
from collections.abc import Callable, Iterator
from typing import Final, cast

__all__ = ["Frames", "Receiver", "Sender", "frame"]

_LENGTH: Final = struct.Struct("=Q")


def frame(value: object) -> bytes:
    """A value as it travels."""
    body = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(body)) + body


class Frames:
    """Puts together what arrives in pieces."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, piece: bytes) -> Iterator[object]:
        """Yields every value that is complete now."""
        self._rest += piece
        at = 0
        while len(self._rest) - at >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._rest, at)
            end = at + _LENGTH.size + length
            if len(self._rest) < end:
                break
            yield pickle.loads(memoryview(self._rest)[at + _LENGTH.size : end].tobytes())
            at = end
        del self._rest[:at]


class Sender(asyncio.Protocol):
    """The writing end; what the reader is too slow for is refused, not kept.

    Args:
        limit_bytes: what may wait.
        gather_s: for so long frames are gathered and then sent at once, which spares both
            processes most of their waking up; 0 sends each at once.

    Attributes:
        is_gone: the reader has ended.
    """

    def __init__(self, limit_bytes: int, *, gather_s: float = 0.0) -> None:
        self.is_gone = False
        self._limit_bytes = limit_bytes
        self._gather_s = gather_s
        self._gathered: list[bytes] = []
        self._gathered_bytes = 0
        self._transport: asyncio.WriteTransport | None = None
        self._drained: asyncio.Future[None] | None = None
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It can be written to."""
        self._transport = cast("asyncio.WriteTransport", transport)
        self._transport.set_write_buffer_limits(high=0)  # tells us each time it is empty

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002, RUF100 - asyncio's signature
        """The reader has ended."""
        self.is_gone = True
        self.resume_writing()

    def resume_writing(self) -> None:
        """Nothing waits any more."""
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    def send(self, value: object) -> bool:
        """Sends a value; False: too much waits already, and it was refused."""
        if self.is_gone or self._transport is None:
            return False
        waiting_bytes = self._transport.get_write_buffer_size() + self._gathered_bytes
        if waiting_bytes > self._limit_bytes:
            return False
        if not self._gather_s:
            self._transport.write(frame(value))
            return True
        if not self._gathered:
            self._loop.call_later(self._gather_s, self._flush)
        self._gathered.append(frame(value))
        self._gathered_bytes += len(self._gathered[-1])
        return True

    async def drain(self, patience_s: float) -> None:
        """Waits until all is sent, the reader has ended, or time is up."""
        self._flush()
        if self.is_gone or self._transport is None or not self._transport.get_write_buffer_size():
            return
        self._drained = self._loop.create_future()
        await asyncio.wait([self._drained], timeout=patience_s)

    def close(self) -> None:
        """Tells the reader that nothing more will come."""
        if self._transport is not None:
            self._transport.close()

    def _flush(self) -> None:
        if self._gathered and self._transport is not None and not self.is_gone:
            self._transport.writelines(self._gathered)
        self._gathered.clear()
        self._gathered_bytes = 0


class Receiver(asyncio.Protocol):
    """The reading end.

    Args:
        take: gets each value.
        ended: is called when nothing more will come.
    """

    def __init__(self, take: Callable[[object], None], ended: Callable[[], None]) -> None:
        self._take = take
        self._ended = ended
        self._frames = Frames()

    def data_received(self, data: bytes) -> None:
        """A piece of some frames."""
        for value in self._frames.feed(data):
            self._take(value)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002, RUF100 - asyncio's signature
        """The writer has ended."""
        self._ended()
