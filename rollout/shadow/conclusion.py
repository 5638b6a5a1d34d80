"""From a ledger that is full to the result: what was counted, and how it came to be. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from rollout.shadow.judgement import MAX_MISMATCH_RATIO, judge
from rollout.shadow.result import ShadowResult, Sides

if TYPE_CHECKING:
    from rollout.shadow.ledger import Ledger

__all__ = ["Course", "conclude"]

UNANSWERED = "no answer from production"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a shadow test went.

    Attributes:
        source: where the requests came from, such as "access.log".
        sides: who was compared.
        started_at: with its time zone.
        duration_s: of mirroring.
        seen: requests that the source had.
        not_compared: requests that no pair came of, by the reason.
        unreadable: the first lines of the source that could not be read, scrubbed.
        notes: what else should be known.
    """

    source: str
    sides: Sides
    started_at: datetime
    duration_s: float
    seen: int
    not_compared: Mapping[str, int] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def conclude(
    ledger: Ledger, course: Course, *, max_mismatch_ratio: float = MAX_MISMATCH_RATIO
) -> ShadowResult:
    """The result of a shadow test.

    Args:
        ledger: of all its pairs.
        course: of the test.
        max_mismatch_ratio: the share of mismatches that is accepted, 0..1.
    """
    judged = judge(ledger, max_mismatch_ratio)
    not_compared = {reason: n for reason, n in course.not_compared.items() if n}
    if ledger.incomparable:
        not_compared[UNANSWERED] = not_compared.get(UNANSWERED, 0) + ledger.incomparable
    return ShadowResult(
        source=course.source,
        sides=course.sides,
        started_at=course.started_at,
        duration_s=course.duration_s,
        seen=course.seen,
        pairs=judged.pairs,
        mismatched=judged.mismatched,
        unproven=judged.unproven,
        max_mismatch_ratio=max_mismatch_ratio,
        verdict=judged.verdict,
        reasons=judged.reasons,
        notes=(*course.notes, *_notes(ledger)),
        not_compared=not_compared,
        unreadable=course.unreadable,
        endpoints=judged.endpoints,
    )


def _notes(ledger: Ledger) -> tuple[str, ...]:
    if ledger.has_baseline or not ledger.pairs:
        return ()
    return (
        "Without --baseline-url, a second instance of the production version, what differs from "
        "answer to answer anyway counts as a mismatch; put it under shadow.ignore.",
    )
