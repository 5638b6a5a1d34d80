"""Is the target dead? A run against one that answers nothing usable ends by itself. Pure.

A generator that goes on against a broken target tells nothing more about it, and keeps it down.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loadgen.progress import Progress

__all__ = ["Signs", "Vigil"]

_CHECKS = (
    ("connect_refused", "check that the server runs, and its port"),
    ("connect_no_", "this machine ran out of what connections need; see the error's name"),
    ("connect_", "check the address, and any firewall between here and there"),
    ("tls_", "check the target's certificate and the TLS options"),
    ("timeout", "check whether the target is overloaded or hangs, and --timeout"),
    ("http_401", "check --auth"),
    ("http_403", "check --auth, and what the target allows"),
    ("http_404", "check the path of the target and of its endpoints"),
    ("http_429", "the target limits its clients' rate: lower the load"),
    ("http_", "check the target's own log"),
    ("check", "check what the endpoints expect of an answer"),
    ("", "check the target's own log, and whether it speaks HTTP on this port"),
)
"""How an error class begins, and what a user should look at; the first that fits."""


class Signs(Protocol):
    """What a second shows of life; loadgen.measurement.Second does."""

    @property
    def succeeded(self) -> int:
        """Requests that succeeded in it."""

    @property
    def failed(self) -> int:
        """Requests that failed in it."""

    @property
    def in_flight(self) -> int:
        """Requests without an outcome at its end."""

    @property
    def errors(self) -> Mapping[str, int]:
        """The failed ones by class."""


@dataclass(slots=True, kw_only=True)
class Vigil:
    """Watches the seconds of a run for a sign of life.

    Attributes:
        patience_s: so many seconds in which every request that ended had failed are the
            end; so are as many in which nothing ended at all since the load began. 0: never.
    """

    patience_s: float
    _dead_s: float = field(default=0.0, init=False)
    _seen_s: float = field(default=0.0, init=False)
    _ended: bool = field(default=False, init=False)
    _failed: int = field(default=0, init=False)
    _errors: Counter[str] = field(default_factory=Counter, init=False)

    def look(self, progress: Progress) -> str:
        """Takes the next second.

        Seconds in which nothing ended count only before the very first outcome: later a
        slow target looks the same, and its requests have a timeout of their own.

        Returns:
            Why the run should end, as a sentence; "" when it should go on.
        """
        second = progress.second
        found = "" if second is None else self.find(second, progress.elapsed_s)
        if found and not self._failed:
            return f"{found}, or give --stop-when-dead more time (0 turns it off)"
        return f"{found} (--stop-when-dead 0 goes on regardless)" if found else ""

    def find(self, second: Signs, elapsed_s: float) -> str:
        """The same, where a run goes on all the same.

        Args:
            second: the next one.
            elapsed_s: its end, since the load began.

        Returns:
            What is dead, as a sentence; "" when it is not.
        """
        length_s, self._seen_s = elapsed_s - self._seen_s, elapsed_s
        if not self.patience_s:
            return ""
        if second.succeeded:
            self._dead_s, self._failed, self._ended = 0.0, 0, True
            self._errors.clear()
        elif second.failed:
            self._dead_s += length_s
            self._failed += second.failed
            self._errors.update(second.errors)
            self._ended = True
        elif second.in_flight and not self._ended:
            self._dead_s += length_s
        # A boundary is met a few ms early or late; half a second is no sign of life.
        return self._verdict() if self._dead_s > self.patience_s - 0.5 else ""

    def _verdict(self) -> str:
        if not self._failed:
            return (
                f"the target answered nothing in {self._dead_s:.0f} s, although requests were "
                f"sent: {_advice('timeout')}"
            )
        worst = self._errors.most_common(1)
        name = worst[0][0] if worst else ""
        most = f", most by {name} ({worst[0][1]:,})" if worst else ""
        return (
            f"all {self._failed:,} requests that ended in the last {self._dead_s:.0f} s of load "
            f"failed{most}: {_advice(name)}"
        )


def _advice(name: str) -> str:
    return next(text for start, text in _CHECKS if name.startswith(start))
