"""One client's connection to the target: requests in, answers out, in their order.

`Connection` answers at once and is what loadgen is calibrated against: two calls from the
parser and one dictionary look-up a request, one write per read however many requests it
held. `WaitingConnection` keeps each answer until it is due.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from http import HTTPStatus
from typing import Final, NamedTuple, cast

import httptools

from loadgen.target import counters
from loadgen.target.answers import CONTINUE, Answer, bare_wire
from loadgen.target.service import CONTROL_PATH, Service, path_of

__all__ = ["Connection", "WaitingConnection"]

_MAX_HEAD_BYTES: Final = 65_536
_EXPECTS_CONTINUE: Final = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)


class Connection(asyncio.Protocol):
    """Answers every request as soon as it is complete."""

    __slots__ = (
        "_closing",
        "_control",
        "_counts",
        "_exact",
        "_head",
        "_in_body",
        "_invited",
        "_out",
        "_parser",
        "_picky",
        "_service",
        "_transport",
        "_uncounted",
        "_url",
    )

    _transport: asyncio.Transport

    def __init__(self, service: Service) -> None:
        self._service = service
        self._counts = service.counts
        self._exact = service.exact
        self._picky = service.picky
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._in_body = False
        self._head = b""
        self._invited = False
        self._out: list[bytes] = []
        self._closing = False
        self._control = False
        self._uncounted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own class, alike
        self._counts[counters.ACCEPTED] += 1
        self._service.transports.add(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002, RUF100 - asyncio's signature
        """The client has gone, or we have closed."""
        self._closing = True
        self._counts[counters.CLOSED] += 1
        if self._control:
            self._counts[counters.CONTROL_CLOSED] += 1
        self._service.transports.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        """Parses what came and answers what it completes, in one write."""
        if self._closing:
            return  # nothing that follows "Connection: close" is a request
        try:
            self._parse(data)
        except httptools.HttpParserError:
            if not self._closing:
                self._refuse(HTTPStatus.BAD_REQUEST)
        else:
            if self._url and not self._closing:
                self._await_rest(data)
        if not self._uncounted:
            self._counts[counters.RECEIVED_BYTES] += len(data)
        if self._out:
            self._flush()
        self._uncounted = False

    def pause_writing(self) -> None:
        """The client sends but does not read: let it wait, not our memory grow."""
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """The client reads again."""
        self._transport.resume_reading()

    # Called by the parser.

    def on_url(self, url: bytes) -> None:
        """The request's target, or a piece of it."""
        self._url += url

    def on_headers_complete(self) -> None:
        """From here on it is a body."""
        self._in_body = True

    def on_message_complete(self) -> None:
        """A whole request is here."""
        url, self._url = self._url, b""
        self._in_body = False
        if self._head:
            self._head = b""
            self._invited = False
        if self._closing:
            return
        parser = self._parser
        answer = None if self._picky else self._exact.get((parser.get_method(), url))
        if answer is None:
            answer = self._choose(parser.get_method(), url)
        if parser.should_keep_alive():
            self._deliver(answer.word, answer.keep)
        else:
            self._closing = True
            self._deliver(answer.word, answer.close)

    # Private.

    def _deliver(self, word: int, wire: bytes) -> None:
        self._counts[word] += 1
        self._out.append(wire)
        if word == counters.CONTROL:
            self._uncounted = True

    def _flush(self) -> None:
        wire = b"".join(self._out)
        self._out.clear()
        if not self._uncounted:
            self._counts[counters.SENT_BYTES] += len(wire)
        self._transport.write(wire)
        if self._closing:
            self._transport.close()

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            # Nobody is upgraded here: the request was answered, what follows is HTTP again.
            rest = data[upgrade.args[0] :]
            if rest and not self._closing:
                self._parse(rest)

    def _choose(self, method: bytes, url: bytes) -> Answer:
        path = path_of(url)
        if not self._control and path.startswith(CONTROL_PATH):
            self._control = True
            self._counts[counters.CONTROL_ACCEPTED] += 1
        http_1_0 = self._parser.get_http_version() == "1.0"
        return self._service.choose(method.decode(), path, http_1_0=http_1_0)

    def _await_rest(self, data: bytes) -> None:
        """Between two reads of one request: bounds its head, invites its body when asked to.

        `data` may begin with requests before this one, whose Expect would be taken for this
        one's: it then gets a 100 that it did not ask for, which every client has to ignore.
        """
        if self._invited:
            return
        self._head += data
        if self._in_body:
            self._invited = True
            if _EXPECTS_CONTINUE.search(self._head):
                self._deliver(counters.CONTINUED, CONTINUE)
        elif len(self._head) > _MAX_HEAD_BYTES:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def _refuse(self, status: HTTPStatus) -> None:
        self._closing = True
        self._deliver(counters.BAD_REQUESTS, bare_wire(status))


class WaitingConnection(Connection):
    """Keeps each answer until its latency has passed and no stall is on.

    Answers go out in the order of their requests, so none before the one in front of it.
    A client that closes, or only its sending side, abandons what it still waits for.
    """

    __slots__ = ("_armed", "_due", "_now_ns")

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self._due: deque[_Due] = deque()
        self._armed = False
        self._now_ns = 0

    def data_received(self, data: bytes) -> None:
        """Parses what came; everything in one read arrived at one time."""
        self._now_ns = time.monotonic_ns()
        super().data_received(data)
        self._release(self._now_ns)

    def connection_lost(self, exc: Exception | None) -> None:
        """Counts what will never be answered."""
        abandoned = sum(due.word >= counters.FIRST_ANSWER for due in self._due)
        self._due.clear()
        self._counts[counters.ABANDONED] += abandoned
        self._counts[counters.RELEASED] += abandoned
        super().connection_lost(exc)

    def _deliver(self, word: int, wire: bytes) -> None:
        if word >= counters.FIRST_ANSWER:
            self._counts[counters.QUEUED] += 1
        elif word == counters.CONTROL:
            self._uncounted = True
        due_ns = self._service.due_ns(word, self._now_ns)
        if self._due:
            due_ns = max(due_ns, self._due[-1].at_ns)
        self._due.append(_Due(due_ns, word, wire))

    def _release(self, now_ns: int) -> None:
        """Sends what is due, and comes back when the next is."""
        while self._due and self._due[0].at_ns <= now_ns:
            _, word, wire = self._due.popleft()
            self._out.append(wire)
            self._counts[word] += 1
            if word >= counters.FIRST_ANSWER:
                self._counts[counters.RELEASED] += 1
            if word != counters.CONTROL:
                self._counts[counters.SENT_BYTES] += len(wire)
        if self._out:
            self._transport.write(b"".join(self._out))
            self._out.clear()
        if not self._due:
            if self._closing:
                self._transport.close()
        elif not self._armed:
            self._armed = True
            self._service.timer.call_at(self._due[0].at_ns, self._wake)

    def _wake(self, now_ns: int) -> None:
        self._armed = False
        self._release(now_ns)


class _Due(NamedTuple):
    at_ns: int
    word: int
    wire: bytes
