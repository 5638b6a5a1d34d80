"""Up to which rate a box can be trusted: the search, from trials made to the next. Pure.

Upwards by doubling until a rate is condemned, then between the last trusted and the first
condemned rate at their geometric mean. One bad trial may be a neighbour's noise, so a rate
is condemned by two.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from slo.validity import Health, Validity

__all__ = ["Calibration", "Limit", "Trial", "conclude", "next_rate", "search"]

FIRST_RPS: Final = 1_000.0
CEILING_RPS: Final = 2_048_000.0
FLOOR_RPS: Final = 10.0
"""Below this rate a box is of no use, whatever the reason."""
RESOLUTION: Final = 1.1
"""Trusted and condemned rates this close are close enough; trials differ as much."""
TRIALS: Final = 13
"""Of some 2 s each: half a minute in all."""
KEPT_UP: Final = 0.99


class Limit(StrEnum):
    """What ended the search."""

    GENERATOR = "generator"
    TARGET = "target"
    """The target did not take more; how much the generator can send is unknown."""
    CEILING = "ceiling"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One rate that was tried.

    Attributes:
        rate_rps: what was asked for.
        health: what came of it.
    """

    rate_rps: float
    health: Health

    @property
    def trusted(self) -> bool:
        """The generator was fine, and everything intended was sent."""
        return self.health.verdict is Validity.VALID and self._kept_up

    @property
    def limit(self) -> Limit:
        """What the trial, unless it is trusted, was limited by."""
        valid = self.health.verdict is Validity.VALID
        return Limit.TARGET if valid and not self._kept_up else Limit.GENERATOR

    @property
    def _kept_up(self) -> bool:
        return self.health.achieved_rps >= KEPT_UP * self.health.offered_rps


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What was found.

    Attributes:
        trusted_rps: the highest rate that can be trusted; 0 when none can.
        limit: why not more.
        reason: a sentence of the trial that was too much; "" without one.
        trials: all of them, in order.
    """

    trusted_rps: float
    limit: Limit
    reason: str
    trials: tuple[Trial, ...]


def search(
    measure: Callable[[float], Health], *, on_trial: Callable[[int, Trial], None]
) -> Calibration:
    """Makes one trial after the other until the answer is known.

    Args:
        measure: from a rate in requests per second to the health of a run at that rate.
        on_trial: is told the number, from 1, and the outcome of each.
    """
    trials: list[Trial] = []
    while (rate_rps := next_rate(trials)) is not None:
        trials.append(Trial(rate_rps=rate_rps, health=measure(rate_rps)))
        on_trial(len(trials), trials[-1])
    return conclude(trials)


def next_rate(trials: Sequence[Trial]) -> float | None:
    """The rate to try next, requests per second; None when it is known well enough."""
    if not trials:
        return FIRST_RPS
    if len(trials) >= TRIALS:
        return None
    last = trials[-1]
    trusted, condemned = _trusted(trials), _condemned(trials)
    if not last.trusted and last.rate_rps > trusted and last.rate_rps not in condemned:
        return last.rate_rps
    above = [rate for rate in condemned if rate > trusted]
    if not above:
        return trusted * 2 if trusted * 2 <= CEILING_RPS else None
    if not trusted:
        return min(above) / 4 if min(above) / 4 >= FLOOR_RPS else None
    return math.sqrt(trusted * min(above)) if min(above) / trusted > RESOLUTION else None


def conclude(trials: Sequence[Trial]) -> Calibration:
    """What a finished search has found."""
    trusted = _trusted(trials)
    above = [trial for trial in trials if not trial.trusted and trial.rate_rps > trusted]
    if not above:
        return Calibration(
            trusted_rps=trusted, limit=Limit.CEILING, reason="", trials=tuple(trials)
        )
    first = min(above, key=lambda trial: trial.rate_rps)
    sentences = first.health.reasons or first.health.notes
    return Calibration(
        trusted_rps=trusted,
        limit=first.limit,
        reason=sentences[0] if sentences else "",
        trials=tuple(trials),
    )


def _trusted(trials: Sequence[Trial]) -> float:
    return max((trial.rate_rps for trial in trials if trial.trusted), default=0.0)


def _condemned(trials: Sequence[Trial]) -> set[float]:
    bad = [trial.rate_rps for trial in trials if not trial.trusted]
    good = {trial.rate_rps for trial in trials if trial.trusted}
    return {rate for rate in bad if bad.count(rate) > 1} - good
