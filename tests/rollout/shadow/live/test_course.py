"""How a live shadow test is accounted for."""

from __future__ import annotations

from datetime import UTC, datetime

from rollout.shadow.live.course import course_of_live
from rollout.shadow.live.settings import LiveSettings
from rollout.shadow.live.tally import Counts, Fate
from rollout.shadow.live.watch import LiveResult


def test_every_request_is_accounted_for() -> None:
    settings = LiveSettings.parse(
        listen="127.0.0.1:8080", production_url="http://a.example", canary_url="http://b.example"
    )
    fates = {**dict.fromkeys(Fate, 0), Fate.PAIRED: 7, Fate.METHOD: 2, Fate.UNFINISHED: 1}
    live = LiveResult(
        started_at=datetime(2026, 11, 25, tzinfo=UTC),
        duration_s=60.0,
        counts=Counts(seen=12, clients=3, tunnels=0, cut=0, fates=fates),
        brakes=(),
        notes=("the canary is afloat again",),
    )
    course = course_of_live(settings, live)
    assert course.source == "live traffic on 127.0.0.1:8080"
    assert course.sides.canary == "http://b.example"
    assert course.not_compared == {"method not mirrored": 2, "not answered at the end": 3}
    assert course.seen == 7 + sum(course.not_compared.values())
    assert course.notes == ("the canary is afloat again",)
