"""A live shadow test in the words of all shadow tests."""

from __future__ import annotations

from datetime import UTC, datetime

from rollout.shadow.live.course import course_of
from rollout.shadow.live.settings import LiveSettings
from rollout.shadow.live.tally import Counts, Fate
from rollout.shadow.live.watch import LiveResult
from rollout.shadow.result import Sides

SETTINGS = LiveSettings.parse(
    listen=":8080", production_url="http://prod:8000", canary_url="https://canary.example"
)


def test_with_the_pairs_all_that_was_not_compared_sums_to_what_was_seen() -> None:
    fates = dict.fromkeys(Fate, 0) | {Fate.PAIRED: 90, Fate.METHOD: 7, Fate.UNFINISHED: 1}
    started_at = datetime(2026, 11, 25, tzinfo=UTC)
    course = course_of(
        SETTINGS,
        LiveResult(
            started_at=started_at,
            duration_s=60.0,
            counts=Counts(seen=100, clients=9, tunnels=2, cut=0, fates=fates),
            brakes=(),
            notes=("the canary is afloat again, the mirror goes on",),
        ),
    )
    assert course.sides == Sides(production="http://prod:8000", canary="https://canary.example")
    assert (course.source, course.seen) == ("live traffic on :8080", 100)
    assert (course.started_at, course.duration_s) == (started_at, 60.0)
    assert course.not_compared == {
        "method not mirrored": 7,
        "not answered at the end": 3,
    }, "two were still on their way"
    assert course.notes[:2] == (
        "The canary is afloat again, the mirror goes on.",
        "2 of 9 connections became something else than plain HTTP.",
    )
    assert "a ratio above 1 is no proof" in course.notes[2]
    assert len(course.notes) == 3
