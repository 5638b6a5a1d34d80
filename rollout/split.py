"""Is the split of traffic what was asked for? Decided from what each side was given. Pure.

A split between 0 and 100 % is proven when its confidence interval is narrow enough to tell it
from others, and holds the wanted weight. The two ends are proven by requests of which not a
single one went to the wrong side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from rollout.routers.router import Served
from slo.interval import Interval, two_sided_z, wilson

__all__ = ["Split", "SplitState", "enough", "judge_split", "since"]

CONFIDENCE = 0.99
"""A split that is right is called wrong in one of a hundred windows; the next window follows."""
WIDEST_PERCENT = 5.0
"""No interval that reaches further to each side proves anything."""
END_CONFIDENCE = 0.95
END_PERCENT = 1.0
"""No request of n went to the wrong side: so its share is below 1 %, by the rule of three."""


class SplitState(StrEnum):
    """What the counts say of the wanted split."""

    PROVEN = "proven"
    REFUTED = "refuted"
    UNDECIDED = "undecided"
    """Too few requests so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A split as it was measured.

    Attributes:
        wanted_percent: the canary's part that was asked for, as the router can set it.
        canary: requests that the canary was given.
        n: requests of both sides.
        interval: of the canary's true part, in percent.
        state: what follows for the wanted split.
        source: what counted, such as "the counters of HAProxy backend app".
        seconds: from the beginning of the proof to its end; 0: it was no proof in time.
        problem: what kept it from being measured, a clause; "" nothing did.
    """

    wanted_percent: float
    canary: int
    n: int
    interval: Interval
    state: SplitState
    source: str = ""
    seconds: float = 0.0
    problem: str = ""

    @property
    def observed_percent(self) -> float | None:
        """The canary's part that was seen; None without requests."""
        return 100 * self.canary / self.n if self.n else None

    @property
    def text(self) -> str:
        """The evidence as a sentence without a full stop."""
        by = f", by {self.source}" if self.source else ""
        seen = f"{self.canary} of {self.n} requests went to the canary"
        if self.n:
            low, high = self.interval.low, self.interval.high
            seen += f" ({self.observed_percent:.3g} %, {low:.3g} to {high:.3g} %)"
        within = f" within {self.seconds:.1f} s" if self.seconds else ""
        wanted = f"{self.wanted_percent:g} % wanted"
        return f"{seen}, {wanted}{by}{within}: {self.state.value}{self._why()}"

    def _why(self) -> str:
        if self.problem:
            return f" ({self.problem})"
        if self.state is SplitState.UNDECIDED:
            return f" (it takes {enough(self.wanted_percent)} requests)"
        return ""


def enough(wanted_percent: float) -> int:
    """How many requests prove a split.

    An end is proven by n requests with (1 - 0.01)^n <= 0.05. Elsewhere the interval may reach
    half of the smaller side's part to each side, at most 5 points: n = z² p (1 - p) / h².
    That asks for about 26 requests of the smaller side.

    Args:
        wanted_percent: 0..100.
    """
    smaller = min(wanted_percent, 100 - wanted_percent) / 100
    if not smaller:
        return math.ceil(math.log(1 - END_CONFIDENCE) / math.log(1 - END_PERCENT / 100))
    half = min(smaller / 2, WIDEST_PERCENT / 100)
    return math.ceil(two_sided_z(CONFIDENCE) ** 2 * smaller * (1 - smaller) / half**2)


def since(before: Served, after: Served) -> Served:
    """What each side was given between two readings.

    A counter that went down began anew in between; it then counts from there.
    """
    if after.stable < before.stable or after.canary < before.canary:
        return after
    return Served(stable=after.stable - before.stable, canary=after.canary - before.canary)


def judge_split(wanted_percent: float, served: Served) -> Split:
    """Holds what each side was given against the wanted split.

    Args:
        wanted_percent: the canary's part, 0..100, as the router can set it.
        served: since the split was to hold.
    """
    n = served.stable + served.canary
    at_end = wanted_percent in (0, 100)
    interval = _end_interval(served) if at_end else _interval(served)
    if at_end and (served.stable if wanted_percent else served.canary):
        state = SplitState.REFUTED
    elif n < enough(wanted_percent):
        state = SplitState.UNDECIDED
    elif interval.low <= wanted_percent <= interval.high:
        state = SplitState.PROVEN
    else:
        state = SplitState.REFUTED
    return Split(
        wanted_percent=wanted_percent, canary=served.canary, n=n, interval=interval, state=state
    )


def _interval(served: Served) -> Interval:
    n = served.stable + served.canary
    if not n:
        return Interval(low=0.0, high=100.0, confidence=CONFIDENCE)
    return wilson(served.canary, n, CONFIDENCE).scaled(100)


def _end_interval(served: Served) -> Interval:
    """One-sided and exact where one side got nothing; elsewhere as for any split."""
    n = served.stable + served.canary
    if served.stable and served.canary:
        return _interval(served)
    reach = 100 * (1 - (1 - END_CONFIDENCE) ** (1 / n)) if n else 100.0
    if served.canary:
        return Interval(low=100 - reach, high=100.0, confidence=END_CONFIDENCE)
    return Interval(low=0.0, high=reach, confidence=END_CONFIDENCE)
