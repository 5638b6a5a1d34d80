"""How a live shadow test went, in the words that replays use as well. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollout.shadow.conclusion import Course
from rollout.shadow.live.tally import Fate
from rollout.shadow.result import Sides

if TYPE_CHECKING:
    from rollout.shadow.live.settings import LiveSettings
    from rollout.shadow.live.watch import LiveResult

__all__ = ["course_of_live"]


def course_of_live(settings: LiveSettings, live: LiveResult) -> Course:
    """The course of a live shadow test.

    Args:
        settings: that it had.
        live: what it did.
    """
    counts = live.counts
    not_compared = {
        str(fate): n for fate, n in counts.fates.items() if n and fate is not Fate.PAIRED
    }
    if lost := counts.seen - sum(counts.fates.values()):
        not_compared[Fate.UNFINISHED] = not_compared.get(Fate.UNFINISHED, 0) + lost
    baseline = settings.baseline
    return Course(
        source=f"live traffic on {settings.host}:{settings.port}",
        sides=Sides(
            production=settings.production.url,
            canary=settings.canary.url,
            baseline=baseline.url if baseline else "",
        ),
        started_at=live.started_at,
        duration_s=live.duration_s,
        seen=counts.seen,
        not_compared=not_compared,
        notes=live.notes,
    )
