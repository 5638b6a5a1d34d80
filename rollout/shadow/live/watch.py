"""What the parent of a live shadow test waits for: pairs, seconds, stops, and dying children.

It serves no client, and whatever happens to mirror or sink, the proxies go on serving: only a
request to stop, the end of the duration, or proxies that keep dying end them.
"""

from __future__ import annotations

import selectors
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from loadgen.interrupts import Interrupts
from rollout.shadow.live.brake import BrakeEvent
from rollout.shadow.live.channel import Frames
from rollout.shadow.live.fleet import Fleet
from rollout.shadow.live.mirror import Mirrored
from rollout.shadow.live.pairing import pair_of
from rollout.shadow.live.tally import Counts, Fate
from rollout.shadow.pair import PairSink

__all__ = ["Ears", "LiveResult", "Watch"]

_PIECE_BYTES: Final = 1 << 20
_LAST_WORDS_S: Final = 10.0
"""What processes get beyond their own patience before they are killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveResult:
    """What a live shadow test did; what it found, its sink knows.

    Attributes:
        started_at: when it began to serve.
        duration_s: how long it served.
        counts: of all requests; PAIRED are those that the sink got.
        brakes: when the mirror stopped itself and went on.
        notes: sentences on what went otherwise than it should.
    """

    started_at: datetime
    duration_s: float
    counts: Counts
    brakes: tuple[BrakeEvent, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ears:
    """Who is told of what, while it runs.

    Attributes:
        on_ready: gets the URL to connect to, once every process serves.
        on_second: gets the counts so far.
        on_note: gets a sentence on what is odd.
    """

    on_ready: Callable[[str], None]
    on_second: Callable[[Counts], None] = lambda _: None
    on_note: Callable[[str], None] = lambda _: None


class Watch:
    """Waits until all is over."""

    def __init__(self, fleet: Fleet, sink: PairSink, ears: Ears, interrupts: Interrupts) -> None:
        self._fleet = fleet
        self._sink = sink
        self._ears = ears
        self._interrupts = interrupts
        self._frames = Frames()
        self._started_at = datetime.now(UTC)
        self._started_s = time.monotonic()
        self._told_s = self._started_s
        self._stopped_s: float | None = None
        self._pairs = 0
        self._sink_error = ""
        self._brakes: list[BrakeEvent] = []
        self._notes: list[str] = []
        self._selector = selectors.DefaultSelector()

    def run(self) -> LiveResult:
        """Returns when all processes have ended and all their pairs are handed over.

        Raises:
            WorkerError: proxies keep dying.
        """
        fleet, selector = self._fleet, self._selector
        with selector:
            selector.register(fleet.outlet, selectors.EVENT_READ, self._read)
            selector.register(self._interrupts.fd, selectors.EVENT_READ, self._interrupted)
            for fd in fleet.children:
                selector.register(fd, selectors.EVENT_READ, self._child_ended)
            while fleet.children or fleet.outlet in selector.get_map():
                for key, _ in selector.select(self._patience_s(time.monotonic())):
                    key.data(key.fd)
                self._look_at_clock(time.monotonic())
        return self._result()

    def _patience_s(self, now_s: float) -> float:
        next_s = self._told_s + 1
        duration_s = self._fleet.settings.duration_s
        if duration_s is not None and self._stopped_s is None:
            next_s = min(next_s, self._started_s + duration_s)
        return max(0.0, next_s - now_s)

    def _look_at_clock(self, now_s: float) -> None:
        settings = self._fleet.settings
        if now_s >= self._told_s + 1:
            self._told_s = now_s
            self._ears.on_second(self._fleet.tally.read())
        if self._stopped_s is None:
            if settings.duration_s is not None and now_s - self._started_s >= settings.duration_s:
                self._stop()
        elif now_s - self._stopped_s > (
            settings.grace_s + settings.limits.timeout_s + _LAST_WORDS_S
        ):
            self._fleet.kill()

    def _stop(self) -> None:
        self._stopped_s = time.monotonic()
        self._fleet.stop()

    def _interrupted(self, _fd: int) -> None:
        self._interrupts.drain()
        if self._stopped_s is None:
            self._stop()
        if self._interrupts.asked > 1:
            self._fleet.kill()

    def _read(self, _fd: int) -> None:
        """Takes what the mirror has for us."""
        try:
            piece = self._fleet.outlet.recv(_PIECE_BYTES)
        except ConnectionResetError:
            piece = b""  # it was killed
        if not piece:
            self._selector.unregister(self._fleet.outlet)
        for value in self._frames.feed(piece):
            match value:
                case Mirrored():
                    self._hand_over(value)
                case BrakeEvent():
                    self._brakes.append(value)
                    self._note(_brake_text(value))

    def _hand_over(self, mirrored: Mirrored) -> None:
        self._pairs += 1
        try:
            self._sink.put(pair_of(mirrored))
        except Exception as error:  # noqa: BLE001, RUF100 - clients must not depend on a comparison
            if not self._sink_error:
                self._sink_error = f"{type(error).__name__}: {error}"
                self._note(f"the comparison failed: {self._sink_error}")
                traceback.print_exc()

    def _child_ended(self, fd: int) -> None:
        self._selector.unregister(fd)
        child, code = self._fleet.reap(fd)
        if self._stopped_s is not None:
            return
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        if child.proxy is None:
            self._note(f"the mirror's process {how}; requests pass through unmirrored")
            return
        successor = self._fleet.replace(child.proxy)
        self._selector.register(successor.fd, selectors.EVENT_READ, self._child_ended)
        self._note(f"a proxy process {how} and was replaced; its part is not mirrored any more")

    def _note(self, text: str) -> None:
        self._notes.append(text)
        self._ears.on_note(text)

    def _result(self) -> LiveResult:
        counts = self._fleet.tally.read()
        lost = counts.pairs - self._pairs  # written by the mirror, and gone with it
        fates = {
            **counts.fates,
            Fate.PAIRED: self._pairs,
            Fate.SINK_FULL: counts.fates[Fate.SINK_FULL] + lost,
        }
        ended_s = self._stopped_s if self._stopped_s is not None else time.monotonic()
        return LiveResult(
            started_at=self._started_at,
            duration_s=ended_s - self._started_s,
            counts=replace(counts, fates=fates),
            brakes=tuple(self._brakes),
            notes=tuple(self._notes),
        )


def _brake_text(event: BrakeEvent) -> str:
    if event.is_on:
        return f"the mirror has stopped itself, the canary is drowning ({event.reason})"
    return "the canary is afloat again, the mirror goes on"
