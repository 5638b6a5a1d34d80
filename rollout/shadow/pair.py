"""One request with the answers that production, canary and baseline gave it.

What the live proxy and the replay of recorded traffic both make, and the comparison reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["Exchange", "Headers", "Pair", "PairSink", "Request"]

Headers = tuple[tuple[str, str], ...]
"""Names and values in the order of the wire, bytes read as latin-1; names keep their case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked of every side, in the same words.

    Attributes:
        method: in capitals.
        target: as the request line has it: "/users/17?sort=name" (RFC 9112 section 3.2).
        headers: as the client sent them. Not scrubbed.
        body: content, without the framing of chunks.
        at_ns: when it was complete, CLOCK_MONOTONIC.
    """

    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""
    at_ns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """How one side answered.

    Attributes:
        status: of the final answer; 0: there is none.
        headers: of the final answer. Not scrubbed.
        body: content as it was sent, without the framing of chunks; a Content-Encoding is left
            in place.
        truncated: there was more content than `body` holds.
        service_ns: from the request's last byte sent to the answer's last byte received, in
            nanoseconds; with an error: to the error.
        error: why there is no whole answer, one of loadgen's error classes such as
            "connect_refused", "timeout", "reset", "closed", "protocol"; "" when there is one.
    """

    status: int = 0
    headers: Headers = ()
    body: bytes = b""
    truncated: bool = False
    service_ns: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One request and its answers.

    Attributes:
        production: what the client got.
        canary: what nobody but the comparison sees.
        baseline: of a second instance of the production version; None without one.
    """

    request: Request
    production: Exchange
    canary: Exchange
    baseline: Exchange | None = None


class PairSink(Protocol):
    """Takes pairs as they come. Called from one thread of one process, never concurrently."""

    def put(self, pair: Pair) -> None:
        """Takes one pair over; may take its time, since no client waits for it."""
