"""Each row: what the generator knew of itself, and the verdict that a person would give."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from slo.validity import Evidence, Limit, Validity, judge

CALM = Evidence(
    open_loop=True,
    paced=True,
    planned_requests=10_000.0,
    sent=10_000,
    dropped=0,
    measured_s=10.0,
    own_lag_p50_ms=0.001,
    own_lag_p99_ms=0.05,
    own_lag_max_ms=0.4,
    response_p99_ms=20.0,
    worker_cpu_percent=(30.0, 35.0),
    run_delay_percent=(0.1, 0.2),
    frozen_s=(0.0, 0.0),
)
"""An open loop at 1,000 requests/s on two workers that had nothing to complain of."""

VALID, SUSPECT, INVALID = Validity.VALID, Validity.SUSPECT, Validity.INVALID


CLOSED = {"open_loop": False, "paced": False}
"""Virtual users without think time: they are asked to saturate."""


def evidence(**changes: Any) -> Evidence:  # noqa: ANN401 - fields of any type
    return dataclasses.replace(CALM, **changes)


def row(case: str, expected: Validity, words: str, **changes: Any) -> Any:  # noqa: ANN401 - as above
    return pytest.param(evidence(**changes), expected, words, id=case)


ROWS = [
    row("nothing sent", INVALID, "No request was sent in 10.0 s", sent=0, dropped_busy=10_000),
    row("lag at the limit", VALID, "", own_lag_p99_ms=10.0),
    row("lag over it", SUSPECT, "late by 10.1 ms at p99 (limit 10 ms)", own_lag_p99_ms=10.1),
    row("lag ten times it", INVALID, "late by 101 ms at p99", own_lag_p99_ms=101.0),
    row("lag, pacing by sleep", VALID, "", own_lag_p99_ms=49.0, exact=False, response_p99_ms=None),
    row("lag over that", SUSPECT, "(limit 50 ms)", own_lag_p99_ms=60.0, exact=False),
    row("lag ten times that", INVALID, "late by 501 ms", own_lag_p99_ms=501.0, exact=False),
    row("lag without due times", VALID, "", own_lag_p99_ms=900.0, **CLOSED),
    row("lag unknown", VALID, "", own_lag_p99_ms=None),
    row("1 % missing", VALID, "", sent=9_900, dropped=100),
    row("over 1 % missing", SUSPECT, "1.1 % of the planned requests", sent=9_890, dropped=110),
    row("over 10 % missing", INVALID, "8,900 of 10,000 sent, limit 1 %", sent=8_900, dropped=1_100),
    row("missing, not even counted", INVALID, "20.0 % of the planned requests", sent=8_000),
    row("fewer by chance", VALID, "", sent=9_700),
    row(
        "missing for want of connections", VALID, "", sent=5_000, dropped=5_000, dropped_busy=5_000
    ),
    row(
        "half for want of connections",
        SUSPECT,
        "5.0 %",
        sent=8_000,
        dropped=2_000,
        dropped_busy=1_500,
    ),
    row("a stage of rate 0", VALID, "", planned_requests=0.0, sent=1),
    row("closed loops have no plan to miss", VALID, "", open_loop=False, sent=10),
    row("CPU at the limit", VALID, "", worker_cpu_percent=(90.0,)),
    row(
        "CPU full, on time",
        SUSPECT,
        "97 % of its core (limit 90 %) and kept",
        worker_cpu_percent=(20.0, 97.4),
    ),
    row("CPU full, late", INVALID, "fell behind", worker_cpu_percent=(97.0,), own_lag_p99_ms=12.0),
    row(
        "CPU full, short",
        INVALID,
        "fell behind",
        worker_cpu_percent=(97.0,),
        sent=9_800,
        dropped=200,
    ),
    row("CPU full, queueing", INVALID, "fell behind", worker_cpu_percent=(97.0,), waited=500),
    row(
        "CPU full as asked",
        SUSPECT,
        "without think time the generator was",
        worker_cpu_percent=(99.0,),
        **CLOSED,
    ),
    row("no worker reported", VALID, "", worker_cpu_percent=(), run_delay_percent=(), frozen_s=()),
    row(
        "waiting for a core",
        SUSPECT,
        "Worker 1 was ready to run and waited",
        run_delay_percent=(0.0, 6.0),
    ),
    row("long, but on time", SUSPECT, "Worker 0 was ready to run", run_delay_percent=(40.0, 6.0)),
    row(
        "long and late",
        INVALID,
        "waited for a core for 40 %",
        run_delay_percent=(40.0,),
        own_lag_p99_ms=12.0,
    ),
    row("long, nothing due", SUSPECT, "waited for a core", run_delay_percent=(40.0,), **CLOSED),
    row("5 % of two cores throttled", VALID, "", throttled_s=1.0),
    row("throttled", SUSPECT, "stopped the workers for 6 %", throttled_s=1.2),
    row(
        "throttled and late",
        INVALID,
        "for 30 % of the time (limit 5 %)",
        throttled_s=6.0,
        own_lag_p99_ms=30.0,
    ),
    row("stolen", SUSPECT, "hypervisor took 8 % of this machine's", steal_percent=8.0),
    row(
        "stolen and short",
        INVALID,
        "hypervisor took 30 %",
        steal_percent=30.0,
        sent=9_800,
        dropped=200,
    ),
    row("a short pause", VALID, "", frozen_s=(0.0, 0.1)),
    row(
        "stopped for 0.9 of 10 s",
        SUSPECT,
        "Worker 1 was stopped or starved for 0.9 s",
        frozen_s=(0.0, 0.9),
    ),
    row("both stopped", SUSPECT, "(limit 0.1 s), and so was 1 more", frozen_s=(0.3, 0.9)),
    row("all stopped", SUSPECT, "and so were 2 more", frozen_s=(0.3, 0.9, 0.4)),
    row(
        "stopped for 3 of 10 s",
        INVALID,
        "Worker 0 was stopped or starved for 3.0 s",
        frozen_s=(3.0, 0.0),
    ),
    row(
        "half of p99 is ours",
        SUSPECT,
        "1.2 ms at p99 and the response time 2 ms",
        own_lag_p99_ms=1.2,
        response_p99_ms=2.0,
    ),
    row("a third of p99 is ours", VALID, "", own_lag_p99_ms=1.2, response_p99_ms=4.0),
    row("half of very little", VALID, "", own_lag_p99_ms=0.09, response_p99_ms=0.1),
    row("p99 not reported", VALID, "", own_lag_p99_ms=1.2, response_p99_ms=None),
]


@pytest.mark.parametrize(("seen", "expected", "words"), ROWS)
def test_verdict(seen: Evidence, expected: Validity, words: str) -> None:
    """The gravest reason decides and says what was seen; a VALID run has no reasons."""
    health = judge(seen)
    assert health.verdict is expected
    if words:
        assert words in health.reasons[0]
    else:
        assert health.reasons == ()


def test_reasons_come_gravest_first_and_are_sentences() -> None:
    bad = evidence(
        worker_cpu_percent=(97.0,), steal_percent=8.0, frozen_s=(4.0,), sent=9_850, dropped=150
    )
    health = judge(bad)
    assert health.verdict is INVALID
    texts = "\n".join(health.reasons)
    assert texts.index("Worker 0 used") < texts.index("hypervisor")
    assert texts.index("stopped or starved") < texts.index("were never sent")
    assert len(health.reasons) == 4
    for text in health.reasons:
        assert "\n" not in text
        assert text.endswith(".")
        assert "limit" in text


def test_waiting_for_connections_is_a_note_and_not_a_fault() -> None:
    health = judge(evidence(sent=9_000, dropped=1_000, dropped_busy=1_000, waited=1_234))
    assert health.verdict is VALID
    (note,) = health.notes
    assert "waited for a free connection: 2,234 (1,000 of them were never sent)" in note
    assert "--connections" in note
    assert (
        judge(evidence(waited=7))
        .notes[0]
        .startswith("Arrivals that waited for a free connection: 7. Their")
    )
    assert judge(evidence(waited=7, open_loop=False)).notes == ()
    assert judge(CALM).notes == ()


def test_what_a_cap_held_back_is_a_note_and_not_a_fault() -> None:
    health = judge(evidence(held=1_234, cap_rps=5_000))
    assert health.verdict is VALID
    assert health.notes == (
        "Requests that limits.max_rps (5,000) held back: 1,234. The load was lower than the plan "
        "asks for.",
    )
    assert judge(evidence(held=0, cap_rps=5_000)).notes == ()


def test_offered_is_the_plan_in_an_open_loop_and_what_was_sent_in_a_closed_one() -> None:
    assert rates(evidence(sent=9_500)) == (1000.0, 950.0)
    assert rates(evidence(sent=9_500, open_loop=False)) == (950.0, 950.0)
    assert rates(evidence(sent=0, measured_s=0.0)) == (0.0, 0.0)


def rates(seen: Evidence) -> tuple[float, float]:
    health = judge(seen)
    assert health.evidence is seen
    return health.offered_rps, health.achieved_rps


def test_limits_are_exclusive() -> None:
    limit = Limit(suspect=1, invalid=10)
    assert [limit.verdict(x) for x in (1, 1.1, 10, 10.1)] == [VALID, SUSPECT, SUSPECT, INVALID]


def test_the_slow_path_is_suspect_whatever_else_is_well() -> None:
    health = judge(evidence(slow_path=True))
    assert health.verdict is Validity.SUSPECT
    assert [reason.split(" (")[0] for reason in health.reasons] == ["The slow path was taken"]
