"""Stops the mirror when the canary drowns in it, and lets it go on when it is afloat. Pure.

Half of the last answers strained: the brake is on for a while, which doubles each time it
comes back; then single requests are let through, and some good answers in a row release it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["Brake", "BrakeEvent", "Outcome"]

WINDOW: Final = 40
"""Answers that are looked at; fewer are no evidence."""
SLOW_RATIO: Final = 10.0
SLOW_NS: Final = 250_000_000
"""An answer is slow that took this many times production's, and longer than this."""
FIRST_PAUSE_NS: Final = 5_000_000_000
LONGEST_PAUSE_NS: Final = 60_000_000_000
GOOD_IN_A_ROW: Final = 5
_OVERLOADED: Final = frozenset({429, 503})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How the canary took one request.

    Attributes:
        error: why there is no whole answer, else "".
        status: of its answer.
        service_ns: of its answer.
        production_status, production_ns: the same of production.
    """

    error: str
    status: int
    service_ns: int
    production_status: int
    production_ns: int

    @property
    def strain(self) -> str:
        """What says that it is overloaded; "" when nothing does.

        An ordinary wrong answer is none: it is what a shadow test is there to find.
        """
        if self.error:
            return self.error
        if self.status in _OVERLOADED and self.production_status not in _OVERLOADED:
            return f"status {self.status}"
        if self.service_ns > max(SLOW_NS, SLOW_RATIO * self.production_ns):
            return "slow"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakeEvent:
    """The brake was put on or released.

    Attributes:
        at_ns: when, CLOCK_MONOTONIC.
        is_on: what it is since.
        reason: such as "24 of the last 40 answers: 20 timeout, 4 slow"; "" when released.
    """

    at_ns: int
    is_on: bool
    reason: str = ""


class _State(StrEnum):
    OFF = "off"
    ON = "on"
    PROBING = "probing"


class Brake:
    """Decides whether the canary is sent anything; time is an argument."""

    def __init__(self) -> None:
        self._state = _State.OFF
        self._strains: deque[str] = deque(maxlen=WINDOW)
        self._pause_ns = FIRST_PAUSE_NS
        self._until_ns = 0
        self._good = 0
        self._is_probe_out = False

    @property
    def until_ns(self) -> int | None:
        """Until when nothing is sent; None: the brake is not on."""
        return self._until_ns if self._state is _State.ON else None

    def admits(self, now_ns: int) -> bool:
        """Whether a request may be sent now; it then must be, and its outcome be noted."""
        if self._state is _State.OFF:
            return True
        if self._state is _State.ON:
            if now_ns < self._until_ns:
                return False
            self._state = _State.PROBING
            self._good = 0
            self._is_probe_out = False
        if self._is_probe_out:
            return False
        self._is_probe_out = True
        return True

    def note(self, outcome: Outcome, now_ns: int) -> BrakeEvent | None:
        """Takes an outcome into account; an event, when it changes something."""
        strain = outcome.strain
        match self._state:
            case _State.ON:
                return None  # it was sent before
            case _State.PROBING:
                return self._note_probe(strain, now_ns)
            case _State.OFF:
                self._strains.append(strain)
                strained = sum(map(bool, self._strains))
                if len(self._strains) < WINDOW or strained * 2 < WINDOW:
                    return None
                return self._put_on(now_ns, self._reason())

    def _note_probe(self, strain: str, now_ns: int) -> BrakeEvent | None:
        self._is_probe_out = False
        if strain:
            self._pause_ns = min(2 * self._pause_ns, LONGEST_PAUSE_NS)
            return self._put_on(now_ns, f"tried again: {strain}")
        self._good += 1
        if self._good < GOOD_IN_A_ROW:
            return None
        self._state = _State.OFF
        self._pause_ns = FIRST_PAUSE_NS
        self._strains.clear()
        return BrakeEvent(at_ns=now_ns, is_on=False)

    def _put_on(self, now_ns: int, reason: str) -> BrakeEvent:
        self._state = _State.ON
        self._until_ns = now_ns + self._pause_ns
        return BrakeEvent(at_ns=now_ns, is_on=True, reason=reason)

    def _reason(self) -> str:
        kinds = sorted({strain for strain in self._strains if strain})
        counts = [f"{self._strains.count(kind)} {kind}" for kind in kinds]
        strained = sum(map(bool, self._strains))
        return f"{strained} of the last {WINDOW} answers: {', '.join(counts)}"
