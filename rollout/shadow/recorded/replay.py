"""Recorded requests sent to production and canary at the same time, their answers paired.

Which of both is asked first alternates, so that neither is warmed up for the other.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from rollout.shadow.live.brake import Outcome
from rollout.shadow.live.reading import read_answer
from rollout.shadow.live.selection import SAFE_METHODS, Selection
from rollout.shadow.live.settings import Limits
from rollout.shadow.live.side import Copy, Side, Told
from rollout.shadow.live.tally import Fate
from rollout.shadow.pair import Exchange, Pair, PairSink, Request
from rollout.shadow.recorded.turns import Turns

if TYPE_CHECKING:
    from loadgen.target_url import Target
    from rollout.shadow.recorded.entry import Entry

__all__ = ["Lost", "Replay", "ReplaySettings", "request_bytes"]

MOST_BRAKES: Final = 5
"""A canary that drowns again and again is not waited for any longer."""
_BREATH: Final = 100
"""Entries after which others get their turn, when none of them is sent."""


class Lost(StrEnum):
    """Why a recorded request was not sent, besides its method."""

    LATE = "too late to be sent"
    STOPPED = "stopped before its turn"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySettings:
    """What is replayed to whom.

    Attributes:
        targets: production, canary, and a second instance of the production version if there is
            one.
        speed: how many recorded seconds pass in one; infinite: as fast as the limits let.
        selection: which methods are sent.
        limits: of rate and concurrency.
        seed: of the sample, which is the same each time.
    """

    targets: tuple[Target, ...]
    speed: float = 1.0
    selection: Selection = field(default_factory=Selection)
    limits: Limits = field(default_factory=Limits)
    seed: int = 0


def request_bytes(entry: Entry, target: Target) -> bytes:
    """A recorded request as it is sent to a target, whose own name is in it."""
    names = {name.lower() for name, _ in entry.headers}
    lines = [
        f"{entry.method} {target.base_path}{entry.target} HTTP/1.1",
        f"Host: {target.authority}",
        *(f"{name}: {value}" for name, value in entry.headers),
        "Accept-Encoding: gzip",
    ]
    if "user-agent" not in names:
        lines.append("User-Agent: loadgen-shadow")
    if entry.body or entry.method in {"POST", "PUT", "PATCH"}:
        lines.append(f"Content-Length: {len(entry.body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + entry.body


class Replay:
    """Sends recorded requests and hands pairs over.

    Attributes:
        seen: requests so far.
        paired: of these, handed over.
        lost: of these, not paired, by the reason.

    Args:
        settings: what is replayed to whom.
        sides: a connection to each of the settings' targets.
        sink: gets the pairs.
    """

    def __init__(self, settings: ReplaySettings, sides: Iterable[Side], sink: PairSink) -> None:
        self.seen = self.paired = 0
        self.lost = Counter[str]()
        self._settings = settings
        self._sides = tuple(sides)
        self._sink = sink
        self._turns = Turns(settings.limits, settings.speed)
        self._draw = random.Random(settings.seed).random
        self._under_way = 0
        self._emptied = asyncio.Event()
        self._is_over = False

    @property
    def brakes(self) -> list[str]:
        """Each time that the canary was drowning: why."""
        return [event.reason for event in self._turns.brakes if event.is_on]

    @property
    def has_given_up(self) -> bool:
        """The canary drowned too often."""
        return len(self.brakes) >= MOST_BRAKES

    def stop(self) -> None:
        """Sends no more; what is under way comes to its end."""
        self._turns.stop()

    def abort(self) -> None:
        """Waits for nothing any more."""
        self.stop()
        self._is_over = True
        self._emptied.set()

    async def run(self, entries: Iterable[Entry]) -> None:
        """Sends all that may be sent, and waits for the answers.

        Args:
            entries: in the order of their times.
        """
        for entry in entries:
            self.seen += 1
            if self.seen % _BREATH == 0:
                await asyncio.sleep(0)
            refused = self._refusal(entry)
            if refused is not None:
                self.lost[refused] += 1
            elif await self._turns.wait(entry.at_s):
                self._send(entry)
            else:
                self.lost[Lost.STOPPED if self._turns.is_stopped else Lost.LATE] += 1
            if self._turns.is_stopped:
                break
        await self._finish()

    def _refusal(self, entry: Entry) -> Fate | None:
        """Why a request may not be sent at all."""
        selection, method = self._settings.selection, entry.method.encode("latin-1")
        refused = selection.refusal(method)
        if refused is None and method not in SAFE_METHODS:
            wire = request_bytes(entry, self._settings.targets[0])
            refused = Fate.NO_KEY if selection.lacks_key(wire) else None
        if refused is None and self._draw() >= selection.sample_ratio:
            refused = Fate.NOT_SAMPLED
        return refused

    async def _finish(self) -> None:
        if self._under_way:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._emptied.wait(), self._settings.limits.timeout_s + 1)
        self._is_over = True
        self.lost[Fate.UNFINISHED] += self._under_way

    def _send(self, entry: Entry) -> None:
        self._under_way += 1
        self._emptied.clear()
        group = _Group(entry, len(self._sides), self._answered)
        order = list(range(len(self._sides)))
        if self.seen % 2:
            order.reverse()
        for index in order:
            wire = request_bytes(entry, self._settings.targets[index])
            self._sides[index].send(Copy(wire, entry.method == "HEAD"), group.taker(index))

    def _answered(self, group: _Group) -> None:
        """All sides have answered, or failed."""
        if self._is_over:
            return
        self._turns.done(_outcome(group.told[0], group.told[1]))
        self._sink.put(group.pair())
        self.paired += 1
        self._under_way -= 1
        if not self._under_way:
            self._emptied.set()
        if self.has_given_up:
            self.stop()


class _Group:
    """One request and the answers that are still to come."""

    def __init__(self, entry: Entry, sides: int, done: Callable[[_Group], None]) -> None:
        self.told: dict[int, Told] = {}
        self._entry = entry
        self._sides = sides
        self._done = done
        self._at_ns = time.monotonic_ns()

    def taker(self, index: int) -> Callable[[Told], None]:
        """What takes the answer of a side."""

        def take(told: Told) -> None:
            self.told[index] = told
            if len(self.told) == self._sides:
                self._done(self)

        return take

    def pair(self) -> Pair:
        """All answers, read."""
        entry = self._entry
        production, canary, *baseline = (self._exchange(index) for index in sorted(self.told))
        return Pair(
            request=Request(
                method=entry.method,
                target=entry.target,
                headers=entry.headers,
                body=entry.body,
                at_ns=self._at_ns,
            ),
            production=production,
            canary=canary,
            baseline=baseline[0] if baseline else None,
        )

    def _exchange(self, index: int) -> Exchange:
        told = self.told[index]
        if told.error:
            return Exchange(error=told.error, service_ns=told.service_ns)
        answer = read_answer(
            told.answer,
            is_head=self._entry.method == "HEAD",
            by_close=told.by_close,
            is_cut=told.is_cut,
        )
        return replace(answer, service_ns=told.service_ns)


def _outcome(production: Told, canary: Told) -> Outcome:
    return Outcome(
        error=canary.error,
        status=canary.status,
        service_ns=canary.service_ns,
        production_status=production.status,
        production_ns=production.service_ns,
    )
