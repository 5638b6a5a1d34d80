"""An intake that keeps what it is handed, for tests of what comes before the mirror."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping

from rollout.shadow.live.capture import Intake, Taken
from rollout.shadow.live.selection import Selection
from rollout.shadow.live.tally import Fate, Tally

__all__ = ["Kept"]

PLENTY = 1 << 30


class Kept:
    """An intake and what it was given.

    Attributes:
        intake: its clock ticks by 1 ns with each look at it.
        taken: what was handed over.
    """

    def __init__(
        self,
        selection: Selection | None = None,
        *,
        body_limit_bytes: int = PLENTY,
        memory_limit_bytes: int = PLENTY,
        fate: Fate | None = None,
    ) -> None:
        self.taken: list[Taken] = []
        self._tally = Tally(1)
        self._fate = fate
        ticks = itertools.count()
        self.intake = Intake(
            selection or Selection(),
            counts=self._tally.slot(0),
            body_limit_bytes=body_limit_bytes,
            memory_limit_bytes=memory_limit_bytes,
            hand_over=self._take,
            clock=lambda: next(ticks),
            rng=random.Random(5),
        )

    @property
    def seen(self) -> int:
        """Requests begun."""
        return self._tally.read().seen

    @property
    def tunnels(self) -> int:
        """Connections that could not be followed."""
        return self._tally.read().tunnels

    @property
    def fates(self) -> Mapping[Fate, int]:
        """Fates that there were."""
        return {fate: count for fate, count in self._tally.read().fates.items() if count}

    def _take(self, taken: Taken) -> Fate | None:
        self.taken.append(taken)
        return self._fate
