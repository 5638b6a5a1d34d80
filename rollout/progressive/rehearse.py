"""Rehearsals: a dry run says what would be done and what undoes it, a drill does it with 1 %."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from loadgen.units import format_duration
from rollout.progressive.judge import Opinion, Row
from rollout.progressive.stage import Stage
from slo.canary import CanaryVerdict

if TYPE_CHECKING:
    from rollout.progressive.crew import Crew, RolloutPlan
    from rollout.routers.router import Router

__all__ = ["DRILL_STAGES", "DrillJudge", "dry_run"]

DRILL_STAGES = (
    Stage(name="Drill", percentage=1, duration_s=1),
    Stage(name="100% Traffic", percentage=100, duration_s=1),
)
"""The second one is never reached."""


class DrillJudge:
    """Fails at its first look, so that the way back is gone as in earnest."""

    name = "drill"
    starts_over = False

    def begin(self, stage: Stage, duration_s: float, rows: Sequence[Row]) -> None:
        """Needs nothing."""

    def look(self) -> Opinion:
        """FAIL."""
        return Opinion(judge=self.name, verdict=CanaryVerdict.FAIL, text="as it was ordered")

    def is_done(self) -> bool:
        """Always."""
        return True

    def conclude(self) -> Opinion:
        """FAIL, also here."""
        return self.look()

    def stop(self) -> None:
        """Runs nothing."""


def dry_run(plan: RolloutPlan, crew: Crew) -> Iterator[tuple[str, str]]:
    """Every action of a rollout and what undoes it, in their order; asks, and changes nothing.

    Args:
        plan: what would be done.
        crew: who would do it.

    Yields:
        The action, and its inverse; "" when there is nothing to undo.

    Raises:
        RouterError: the router does not answer.
    """
    judges = ", ".join(judge.name for judge in crew.judges)
    for stage in plan.stages:
        yield from ((f"call a webhook before {stage.name}", "") for _ in stage.before)
        yield from _changes(crew.router, stage.percentage)
        yield f"measure that the canary has {stage.percentage:g} %", ""
        yield f"hold {stage.name} for {format_duration(stage.duration_s)}, judged by: {judges}", ""
        yield from ((f"call a webhook after {stage.name}", "") for _ in stage.after)
        if stage.gate:
            yield f"wait for `promote` after {stage.name}", ""
    if crew.command:
        yield f"on failure, after the weights: run {' '.join(crew.command.command)}", ""


def _changes(router: Router, percentage: float) -> Iterator[tuple[str, str]]:
    for change in router.changes(percentage):
        yield change.action, change.inverse
