"""What can be wrong with an answer, as two numbers: the bad requests and all of them. Pure.

A fault is fixed before two arms are compared (the limits are the baseline's own percentiles,
measured beforehand), so that it means the same for both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, assert_never

from slo.metric import Percentile, Phase

if TYPE_CHECKING:
    from slo.sample import Counts

__all__ = [
    "NOTHING",
    "Beyond",
    "Failed",
    "Fault",
    "NewStatus",
    "Slow",
    "Tally",
    "heard",
    "tally",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Requests and the bad ones among them.

    Attributes:
        bad: 0..n.
        n: all.
    """

    bad: int = 0
    n: int = 0

    @classmethod
    def of(cls, bad: int, n: int) -> Tally:
        """Counts that were read one after the other from a run that goes on.

        A request that ended in between stands in one of them and not in the other; where all
        are bad, there would be more bad ones than requests.
        """
        return cls(bad=max(0, min(bad, n)), n=n)

    @property
    def share(self) -> float:
        """The bad ones of all, 0..1; 0 without requests."""
        return self.bad / self.n if self.n else 0.0

    def __add__(self, other: Tally) -> Tally:
        """The requests of both."""
        return Tally(bad=self.bad + other.bad, n=self.n + other.n)

    def __sub__(self, earlier: Tally) -> Tally:
        """The requests that came after an earlier state."""
        return Tally.of(self.bad - earlier.bad, self.n - earlier.n)


NOTHING = Tally()
"""No requests."""
SILENT_FROM = 20
"""Where one arm finished so many in a second, it is no chance that the other finished none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The request failed."""

    @property
    def text(self) -> str:
        """What it is called."""
        return "errors"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStatus:
    """An answer has a status that the baseline did not give: a redirect where there was none.

    Attributes:
        known: the statuses that the baseline gave.
    """

    known: frozenset[int]

    @property
    def text(self) -> str:
        """What it is called."""
        return "new status"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow:
    """The answer took longer than a percentile of the baseline, or never came.

    Attributes:
        percentile: whose value the limit is.
        limit_ns: the baseline's percentile; this long or longer is slow.
    """

    percentile: Percentile
    limit_ns: int

    @property
    def text(self) -> str:
        """What it is called: "p99"."""
        return self.percentile.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """The answer took longer than an objective wants, or never came.

    Attributes:
        condition: the objective in words.
        limit_ns: this long or longer is beyond it.
    """

    condition: str
    limit_ns: int

    @property
    def text(self) -> str:
        """What it is called: "p99 < 250ms"."""
        return self.condition


Fault: TypeAlias = Failed | NewStatus | Slow | Beyond


def tally(fault: Fault, counts: Counts) -> Tally:
    """Counts the bad requests.

    Args:
        fault: what is bad.
        counts: of one arm, a scope's or all.
    """
    match fault:
        case Failed():
            return Tally.of(counts.failed, counts.finished)
        case NewStatus(known=known):
            new = (count for status, count in counts.status_codes.items() if status not in known)
            return Tally.of(sum(new), counts.finished)
        case Slow(limit_ns=limit_ns) | Beyond(limit_ns=limit_ns):
            times = counts.time(Phase.LATENCY)
            unanswered = max(0, counts.finished - times.n)
            return Tally.of(times.count_from(limit_ns) + unanswered, counts.finished)
        case _:
            assert_never(fault)


def heard(one: Tally, other: Tally) -> tuple[Tally, Tally]:
    """The requests of two arms in the same second, silence taken as bad.

    An arm that hangs finishes nothing, neither well nor badly, until its timeouts; meanwhile
    the other arm's requests say how many it owes.
    """
    return _owed(one, other.n), _owed(other, one.n)


def _owed(arm: Tally, n: int) -> Tally:
    return Tally(bad=n, n=n) if not arm.n and n >= SILENT_FROM else arm
