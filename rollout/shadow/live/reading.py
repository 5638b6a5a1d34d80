"""Bytes of the wire to the values that are compared. Pure; runs where no client waits."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import httptools

from rollout.shadow.pair import Exchange, Headers, Request

__all__ = ["read_answer", "read_request"]

_SWITCHING_PROTOCOLS: Final = 101


def read_request(wire: bytes, *, at_ns: int) -> Request:
    """A whole request, which httptools has accepted before."""
    message = _Message()
    parser = httptools.HttpRequestParser(message)
    with suppress(httptools.HttpParserUpgrade):
        parser.feed_data(wire)
    return Request(
        method=parser.get_method().decode("latin-1"),
        target=message.url.decode("latin-1"),
        headers=message.headers,
        body=b"".join(message.body),
        at_ns=at_ns,
    )


def read_answer(
    wire: bytes, *, is_head: bool = False, by_close: bool = False, is_cut: bool = False
) -> Exchange:
    """An answer without its times.

    Args:
        wire: interim answers included.
        is_head: it has no body, whatever its head says.
        by_close: the connection was closed after it.
        is_cut: there was more, which was not kept.

    Returns:
        Its error is "protocol" when this is no HTTP, and "closed" when it stops in its midst.
    """
    message = _Message(is_head=is_head)
    parser = httptools.HttpResponseParser(message)
    message.parser = parser
    error = ""
    try:
        parser.feed_data(wire)
    except httptools.HttpParserError:
        error = "" if message.is_whole else "protocol"
    if not (error or message.is_whole or is_cut):
        ends_there = by_close and message.has_head and not message.is_framed
        error = "" if ends_there else "closed"
    if error or not message.has_head:
        return Exchange(error=error or "closed")
    return Exchange(
        status=message.status,
        headers=message.headers,
        body=b"".join(message.body),
        truncated=is_cut,
    )


class _Message:
    """What httptools tells of one message; of answers, of the final one.

    Attributes:
        has_head: its header is complete.
        is_whole: it is complete.
        is_framed: its head says where it ends.
    """

    def __init__(self, *, is_head: bool = False) -> None:
        self.parser: httptools.HttpResponseParser | None = None
        self.url = b""
        self.status = 0
        self.body: list[bytes] = []
        self.has_head = False
        self.is_whole = False
        self.is_framed = False
        self._is_head = is_head
        self._fields: list[tuple[str, str]] = []

    @property
    def headers(self) -> Headers:
        """As they came."""
        return tuple(self._fields)

    def on_message_begin(self) -> None:
        """The message begins, or the one after an interim answer."""
        if not self.has_head:
            self._fields.clear()
            self.is_framed = False

    def on_url(self, url: bytes) -> None:
        """The request's target, or a piece of it."""
        if not self.has_head:
            self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field of the head; those after the body (trailers) are not compared."""
        if self.has_head:
            return
        self._fields.append((name.decode("latin-1"), value.decode("latin-1")))
        if name.lower() in {b"content-length", b"transfer-encoding"}:
            self.is_framed = True

    def on_headers_complete(self) -> None:
        """The head is complete; an interim one does not count."""
        if self.has_head:
            return
        if self.parser is not None:
            self.status = self.parser.get_status_code()
            if self.status < 200 and self.status != _SWITCHING_PROTOCOLS:
                return
        self.has_head = True
        self.is_whole = self._is_head

    def on_body(self, piece: bytes) -> None:
        """A piece of the content."""
        if not self.is_whole:
            self.body.append(piece)

    def on_message_complete(self) -> None:
        """The message is complete, unless it was an interim one."""
        self.is_whole = self.has_head
