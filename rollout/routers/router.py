"""What moves live traffic between the stable version and the canary: one Protocol for all kinds.

A weight is the canary's part of live traffic in percent, 0..100; the stable version has the rest,
so two weights always sum to 100.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from loadgen.errors import LoadgenError

__all__ = ["Change", "Router", "RouterError", "Served", "UnderWayError"]


class RouterError(LoadgenError):
    """A router could not be asked or changed: which, what was observed, what to do.

    Args:
        text: one sentence.
        lasting: trying again will not help (a wrong name, a missing right).
    """

    def __init__(self, text: str, *, lasting: bool = False) -> None:
        super().__init__(text)
        self.lasting = lasting


class UnderWayError(RouterError):
    """A change goes on as it should and is not done yet: call `set` again, with the same weight.

    For what takes longer than orders of people can wait, such as pods that start. The router
    knows its own time limit, and raises another error when that is over.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Requests that each side was given, by the router's own counters since some past moment.

    Two readings are differenced; a counter that went down was reset in between.
    """

    stable: int
    canary: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One action of a router and what undoes it, as --dry-run prints them."""

    action: str
    inverse: str


class Router(Protocol):
    """Moves live traffic. All methods block, for seconds at most, and raise RouterError."""

    @property
    def text(self) -> str:
        """What it is and where, such as "HAProxy backend app at /run/haproxy/admin.sock"."""

    def nearest(self, weight_percent: float) -> float:
        """The weight that it can really set: some know only 256 steps, or whole pods."""

    def changes(self, weight_percent: float) -> tuple[Change, ...]:
        """What `set` would do now. Asks, changes nothing."""

    def get(self) -> float:
        """The canary's weight as the router itself has it now, in percent."""

    def set(self, weight_percent: float) -> None:
        """Sets the canary's weight. Idempotent; returns when the router has taken it over.

        Raises:
            UnderWayError: it goes on and is not done; at once call it again.
            RouterError: it could not be set; the weight is then either the old or the new one.
        """

    def verify(self) -> Served | None:
        """What each side was given so far, by the router's counters; None: it has none."""

    def changed_by(self) -> str:
        """Who else changed the weight since `set`, as far as the router tells; "" unknown."""
