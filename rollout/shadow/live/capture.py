"""One exchange with production on its way to the mirror, and what bounds all of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from rollout.shadow.live.selection import Selection
from rollout.shadow.live.tally import SEEN, WORD, Fate

__all__ = ["Capture", "Intake", "Taken"]


class Taken(NamedTuple):
    """An exchange with production, whole, in the bytes of the wire.

    Attributes:
        request: head and body.
        answer: interim answers included.
        status: of the final answer.
        is_head: the answer has no body, whatever its head says.
        by_close: production closed the connection after it.
        asked_ns: when the request's last byte came, CLOCK_MONOTONIC.
        service_ns: from there to the answer's last byte.
    """

    request: bytes
    answer: bytes
    status: int
    is_head: bool
    by_close: bool
    asked_ns: int
    service_ns: int


class Intake:
    """What all connections of one proxy process share: the choice, the bounds, the way out.

    Attributes:
        counts: the slot of this process.

    Args:
        selection: which requests are mirrored.
        counts: the slot of this process.
        body_limit_bytes: of a request or an answer, its head included.
        memory_limit_bytes: of all that is held for the mirror.
        hand_over: takes a whole exchange; says what became of it, None: it is on its way.
        clock: CLOCK_MONOTONIC in nanoseconds.
        rng: draws the sample.
    """

    __slots__ = (
        "_body_limit",
        "_draw",
        "_hand_over",
        "_held",
        "_memory_limit",
        "_ratio",
        "clock",
        "counts",
        "selection",
    )

    def __init__(
        self,
        selection: Selection,
        *,
        counts: memoryview[int],
        body_limit_bytes: int,
        memory_limit_bytes: int,
        hand_over: Callable[[Taken], Fate | None],
        clock: Callable[[], int],
        rng: random.Random,
    ) -> None:
        self.selection = selection
        self.counts = counts
        self.clock = clock
        self._ratio = selection.sample_ratio
        self._draw = rng.random
        self._body_limit = body_limit_bytes
        self._memory_limit = memory_limit_bytes
        self._hand_over = hand_over
        self._held = 0

    def begin(self) -> Capture | None:
        """A request begins; None: it is not in the sample."""
        self.counts[SEEN] += 1
        if self._draw() < self._ratio:
            return Capture(self)
        self.counts[WORD[Fate.NOT_SAMPLED]] += 1
        return None

    def hold(self, capture: Capture, part_bytes: int, total_bytes: int) -> None:
        """Takes more bytes of an exchange into account, and gives it up when they are too many."""
        self._held += part_bytes
        if total_bytes > self._body_limit:
            capture.drop(Fate.TOO_LARGE)
        elif self._held > self._memory_limit:
            capture.drop(Fate.MEMORY)

    def release(self, held_bytes: int) -> None:
        """Bytes of an exchange are held no longer."""
        self._held -= held_bytes

    def finish(self, capture: Capture, *, by_close: bool) -> None:
        """An exchange is whole: it goes to the mirror."""
        fate = self._hand_over(
            Taken(
                b"".join(capture.request),
                b"".join(capture.answer),
                capture.status,
                capture.is_head,
                by_close,
                capture.asked_ns,
                capture.answered_ns - capture.asked_ns,
            )
        )
        capture.release()
        if fate is not None:
            self.counts[WORD[fate]] += 1


class Capture:
    """An exchange that is being captured, or was given up: then only its place is kept.

    Attributes:
        request, answer: pieces as they came.
        is_head: it asks with HEAD.
        status: of the final answer, once there is one.
        is_asked: the request is complete.
        is_dropped: it was given up and counted.
        asked_ns, answered_ns: when the last piece came.
    """

    __slots__ = (
        "_answer_bytes",
        "_intake",
        "_request_bytes",
        "answer",
        "answered_ns",
        "asked_ns",
        "is_asked",
        "is_dropped",
        "is_head",
        "request",
        "status",
    )

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._request_bytes = 0
        self._answer_bytes = 0
        self.request: list[bytes] = []
        self.answer: list[bytes] = []
        self.is_head = False
        self.status = 0
        self.is_asked = False
        self.is_dropped = False
        self.asked_ns = 0
        self.answered_ns = 0

    def ask(self, piece: bytes) -> None:
        """Keeps a piece of the request."""
        if self.is_dropped:
            return
        self.request.append(piece)
        self._request_bytes += len(piece)
        self.asked_ns = self._intake.clock()
        self._intake.hold(self, len(piece), self._request_bytes)

    def tell(self, piece: bytes) -> None:
        """Keeps a piece of the answer."""
        if self.is_dropped:
            return
        self.answer.append(piece)
        self._answer_bytes += len(piece)
        self.answered_ns = self._intake.clock()
        self._intake.hold(self, len(piece), self._answer_bytes)

    def finish(self, *, by_close: bool = False) -> None:
        """The answer is complete."""
        if self.is_dropped:
            return
        if self.is_asked:
            self.is_dropped = True  # from here on the mirror counts it
            self._intake.finish(self, by_close=by_close)
        else:
            self.drop(Fate.UNANSWERED)  # an answer to half a question compares with nothing

    def drop(self, fate: Fate) -> None:
        """Gives it up; counts nothing the second time."""
        if not self.is_dropped:
            self.is_dropped = True
            self._intake.counts[WORD[fate]] += 1
            self.release()

    def release(self) -> None:
        """Lets the bytes go."""
        self._intake.release(self._request_bytes + self._answer_bytes)
        self._request_bytes = self._answer_bytes = 0
        self.request = []
        self.answer = []
