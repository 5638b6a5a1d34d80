"""Sees the bytes of one client's connection in both directions and finds the exchanges in them.

It never decides what is forwarded: what it cannot follow it stops following, for good.
"""

from __future__ import annotations

import traceback
from collections import deque
from typing import Final

import httptools

from rollout.shadow.live.capture import Capture, Intake
from rollout.shadow.live.tally import TUNNELS, Fate

__all__ = ["Tap"]

_SWITCHING_PROTOCOLS: Final = 101
_HEAD_END: Final = b"\r\n\r\n"


class _Place:
    """The place of a request that is not captured in the order of answers."""

    __slots__ = ("is_head",)

    def __init__(self, *, is_head: bool = False) -> None:
        self.is_head = is_head


_PLAIN: Final = _Place()
_HEAD: Final = _Place(is_head=True)
_CONNECT: Final = _Place()
_PLACES: Final = {b"HEAD": _HEAD, b"CONNECT": _CONNECT}


class Tap:
    """Finds whole exchanges; pieces of bytes go in, in the order in which they came.

    The n-th answer belongs to the n-th request (RFC 9112 section 9.3.2). A piece is captured
    as a whole: one that belongs to two messages is pipelining, and such are not mirrored.

    Attributes:
        is_opaque: it follows no longer: this is a tunnel, or no HTTP.
    """

    __slots__ = ("_answers", "_intake", "_is_over", "_questions", "_waiting", "is_opaque")

    def __init__(self, intake: Intake) -> None:
        self.is_opaque = False
        self._is_over = False
        self._intake = intake
        self._waiting: deque[Capture | _Place] = deque()
        self._questions = _Questions(intake, self._waiting)
        self._answers = _Answers(self._waiting)

    @property
    def is_idle(self) -> bool:
        """No request is in the making or awaits its answer."""
        return not (self.is_opaque or self._waiting or self._questions.is_open)

    @property
    def is_answering(self) -> bool:
        """Production may be in the midst of something; of a tunnel nobody knows."""
        return not self._is_over and (self.is_opaque or self._answers.is_open)

    def asked(self, piece: bytes) -> None:
        """Bytes came from the client."""
        if self.is_opaque:
            return
        try:
            is_followed = self._questions.feed(piece)
        except Exception:  # noqa: BLE001, RUF100 - a fault of ours must not reach the client
            traceback.print_exc()
            is_followed = False
        if not is_followed:
            self._lose()

    def answered(self, piece: bytes) -> None:
        """Bytes came from production."""
        if self.is_opaque:
            return
        try:
            is_followed = bool(self._waiting) and self._answers.feed(piece)
        except Exception:  # noqa: BLE001, RUF100 - likewise
            traceback.print_exc()
            is_followed = False
        if not is_followed:
            self._lose()

    def ended(self) -> None:
        """Production has closed: what it was answering ends here, the rest has no answer."""
        if self._answers.is_body and self._waiting:
            first = self._waiting.popleft()
            if isinstance(first, Capture):
                first.finish(by_close=True)
        self.close()
        self._is_over = True

    def close(self) -> None:
        """Nothing more will come; gives up what is not whole."""
        if self.is_opaque:
            return
        self.is_opaque = True
        for place in (*self._answers.ended, *self._waiting, self._questions.capture):
            if isinstance(place, Capture):
                place.drop(Fate.UNANSWERED)
        self._waiting.clear()
        self._questions.close()
        self._answers.close()

    def _lose(self) -> None:
        """Stops following."""
        self._intake.counts[TUNNELS] += 1
        self.close()


class _Questions:
    """The requests of one connection, as httptools finds them.

    Attributes:
        is_open: a request is in the making.
        capture: of the newest request; None: it is not captured.
    """

    __slots__ = (
        "_begun",
        "_intake",
        "_parser",
        "_touched",
        "_upgrading",
        "_waiting",
        "capture",
        "is_open",
    )

    def __init__(self, intake: Intake, waiting: deque[Capture | _Place]) -> None:
        self.is_open = False
        self.capture: Capture | None = None
        self._intake = intake
        self._waiting = waiting
        self._begun = 0
        self._touched: list[Capture] = []
        self._upgrading = False
        self._parser: httptools.HttpRequestParser = httptools.HttpRequestParser(self)

    def feed(self, piece: bytes) -> bool:
        """Reads a piece; False: it cannot be followed any longer."""
        if self._upgrading and self._waiting:
            return False  # who speaks on before the answer may speak anything
        self._upgrading = False
        self._begun = 1 if self.is_open else 0
        if self._touched:
            self._touched = [self.capture] if self.is_open and self.capture else []
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserUpgrade as upgrade:
            if upgrade.args[0] < len(piece):
                return False
            self._upgrading = True
            if self.capture:
                self.capture.drop(Fate.UPGRADE)
        except httptools.HttpParserError:
            return False
        if self._begun > 1:
            for capture in self._touched:
                capture.drop(Fate.PIPELINED)
        elif self.capture is not None:
            self.capture.ask(piece)
        return True

    def close(self) -> None:
        """Lets the parser go, which holds us."""
        del self._parser
        self.capture = None
        self.is_open = False

    # Called by the parser.

    def on_message_begin(self) -> None:
        """A request begins."""
        self.is_open = True
        self._begun += 1
        self.capture = self._intake.begin()
        if self.capture is not None:
            self._touched.append(self.capture)

    def on_headers_complete(self) -> None:
        """Its method is known; from here on it may be answered."""
        method = self._parser.get_method()
        capture = self.capture
        if capture is not None:
            fate = self._intake.selection.refusal(method)
            if fate is None:
                capture.is_head = method == b"HEAD"
                self._waiting.append(capture)
                return
            capture.drop(fate)
            self.capture = None
        self._waiting.append(_PLACES.get(method, _PLAIN))

    def on_message_complete(self) -> None:
        """It is whole."""
        self.is_open = False
        if self.capture is not None:
            self.capture.is_asked = True


class _Answers:
    """The answers on one connection, as httptools finds them.

    Attributes:
        is_open: a message has begun and is not complete.
        is_body: it is the body of a final answer.
        ended: places of the answers that the piece at hand completes.
    """

    __slots__ = (
        "_is_bodyless",
        "_is_interim",
        "_is_lost",
        "_parser",
        "_tail",
        "_waiting",
        "ended",
        "is_body",
        "is_open",
    )

    def __init__(self, waiting: deque[Capture | _Place]) -> None:
        self.is_open = False
        self.is_body = False
        self._waiting = waiting
        self.ended: list[Capture | _Place] = []
        self._is_interim = False
        self._is_bodyless = False
        self._is_lost = False
        self._tail = b""
        self._parser: httptools.HttpResponseParser = httptools.HttpResponseParser(self)

    def feed(self, piece: bytes) -> bool:
        """Reads a piece while a request waits; False: it cannot be followed any longer."""
        first = self._waiting[0]
        ended = self.ended
        try:
            self._parser.feed_data(piece)
        except (httptools.HttpParserUpgrade, httptools.HttpParserError):
            return False
        if first.is_head:
            self._tail = (self._tail + piece)[-len(_HEAD_END) :]
            if self._is_bodyless and not self._begin_anew():
                return False
        if self._is_lost:
            return False
        if len(ended) + self.is_open > 1:
            self._drop_shared()
        elif isinstance(first, Capture):
            first.tell(piece)
            if ended:
                first.finish()
        ended.clear()
        return True

    def close(self) -> None:
        """Lets the parser go, which holds us."""
        del self._parser
        self.is_open = self.is_body = False

    def _begin_anew(self) -> bool:
        """After a head whose body the parser waits for; False: something followed that head."""
        is_end = self._tail == _HEAD_END
        self._tail = b""
        self._is_bodyless = False
        if self.is_open:
            self.is_open = False
            self._parser = httptools.HttpResponseParser(self)
        return is_end

    def _drop_shared(self) -> None:
        begun = [self._waiting[0]] if self.is_open and self._waiting else []
        for place in (*self.ended, *begun):
            if isinstance(place, Capture):
                place.drop(Fate.PIPELINED)

    # Called by the parser.

    def on_message_begin(self) -> None:
        """A message begins: an answer, or what comes before it."""
        self.is_open = True

    def on_headers_complete(self) -> None:
        """Tells interim answers, and ends an answer here when it has no body."""
        status = self._parser.get_status_code()
        self._is_interim = status < 200 and status != _SWITCHING_PROTOCOLS
        if self._is_interim:
            return
        if not self._waiting:
            self._is_lost = True
            return
        first = self._waiting[0]
        if isinstance(first, Capture):
            first.status = status
        if first.is_head:
            self._is_bodyless = True
            self._end()
        elif first is _CONNECT and status < 300:
            self._is_lost = True
        else:
            self.is_body = True

    def on_message_complete(self) -> None:
        """It is whole."""
        self.is_open = False
        if self.is_body:
            self._end()

    def _end(self) -> None:
        self.is_body = False
        self.ended.append(self._waiting.popleft())
