"""How a live shadow test went, in the words in which every shadow test is reported. Pure."""

from __future__ import annotations

from rollout.shadow.conclusion import Course
from rollout.shadow.live.settings import LiveSettings
from rollout.shadow.live.tally import Counts, Fate
from rollout.shadow.live.watch import LiveResult
from rollout.shadow.result import Sides

__all__ = ["course_of"]


def course_of(settings: LiveSettings, result: LiveResult) -> Course:
    """The course of a test that is over.

    Args:
        settings: what was asked.
        result: what it did.
    """
    counts = result.counts
    not_compared = {str(fate): n for fate, n in counts.fates.items() if fate is not Fate.PAIRED}
    not_compared[Fate.UNFINISHED] += counts.seen - sum(counts.fates.values())
    return Course(
        source=f"live traffic on {settings.host}:{settings.port}",
        sides=Sides(
            production=settings.production.url,
            canary=settings.canary.url,
            baseline=settings.baseline.url if settings.baseline else "",
        ),
        started_at=result.started_at,
        duration_s=result.duration_s,
        seen=counts.seen,
        not_compared={reason: n for reason, n in not_compared.items() if n},
        notes=(*map(_sentence, result.notes), *_oddities(counts), *_clocks(counts)),
    )


def _oddities(counts: Counts) -> list[str]:
    told = (
        (counts.tunnels, "{} of {} connections became something else than plain HTTP"),
        (counts.cut, "for {} of {} connections production could not be connected to"),
    )
    return [_sentence(text.format(n, counts.clients)) for n, text in told if n]


def _clocks(counts: Counts) -> tuple[str, ...]:
    """Whoever reads that the canary is slower must know who held the watch."""
    if not counts.fates[Fate.PAIRED]:
        return ()
    return (
        "Service times of production are taken in the proxy, those of copies in the mirror, which "
        "has a lower priority and may wait for a processor: a ratio above 1 is no proof that the "
        "canary is slower; `loadgen canary` asks both sides alike.",
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
