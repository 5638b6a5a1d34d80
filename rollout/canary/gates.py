"""Puts a watch where an ordinary run has its objectives, so that the engine feeds it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from loadgen.pairing import sides

if TYPE_CHECKING:
    from loadgen.arena import Arena
    from loadgen.measurement import Measurement
    from loadgen.plan import Plan
    from loadgen.snapshot import Snapshot
    from rollout.canary.watches import PairWatch

__all__ = ["PairedGate"]


class PairedGate:
    """Feeds a watch with both sides of a paired run.

    Attributes:
        complete: false once it is known that part of the run is lost.

    Args:
        plan: that is run, paired.
        watch: is told of every second.
    """

    def __init__(self, plan: Plan, watch: PairWatch) -> None:
        self.complete = True
        self._plan = plan
        self._watch = watch

    @property
    def stopped(self) -> str:
        """Why the run is to end now; "" to go on."""
        return self._watch.stopped

    def look(self, arena: Arena, now: Snapshot, t_s: float) -> None:
        """Takes in one more second.

        Args:
            arena: of the run.
            now: taken of it a moment ago.
            t_s: measured seconds so far.
        """
        self._watch.look(*sides(self._plan, arena, t_s))

    def conclude(self, measurement: Measurement, *, complete: bool = True) -> Measurement:
        """The measurement with the reason why it ended; whoever compares judges it.

        Args:
            measurement: of the whole run.
            complete: false when part of it is lost.
        """
        self.complete = complete
        run = dataclasses.replace(measurement.run, stopped=self.stopped)
        return dataclasses.replace(measurement, run=run)
