"""Less throughput than was asked for: the closed loop's arithmetic, and what the plan offers."""

from __future__ import annotations

import pytest

from loadgen.measurement import Measurement
from loadgen.report.diagnosis.throughput import clues
from tests.loadgen.report.diagnosis.runs import judged, run, seconds, tally


def texts(m: Measurement) -> list[str]:
    return [clue.text for clue in clues(m)]


def closed(n: int, response_ms: float, users: int) -> Measurement:
    """So many answers in 10 s."""
    timeline = seconds(10, users=[users] * 10)
    return run(tally(n, response_ms), timeline=timeline, users=users)


def test_users_are_the_limit_of_a_closed_loop() -> None:
    """20 users and 1,000 answers in 10 s: each has one every 200 ms, 150 ms of it pause.

    For 400 answers/s it takes 400 * 0.2 = 80 users.
    """
    [clue] = clues(judged(closed(1_000, 50.0, 20), "throughput >= 400/s", "throughput >= 300/s"))
    assert clue.text == (
        "20 users, with 50.0 ms of response time and 150 ms of pause for each request, cannot "
        "send more than 100.0 req/sec, whatever the target can do: 400.0 req/sec takes 80 users if "
        "the target gets no slower."
    )
    assert clue.weight == pytest.approx(1.75)


def test_users_that_never_pause() -> None:
    """Rounding must not make a negative pause: 10 users, 10 ms, and 1,001 answers a second."""
    [text] = texts(judged(closed(10_010, 10.0, 10), "throughput >= 2000/s"))
    assert "10.0 ms of response time and 0 ns of pause" in text
    assert "takes 20 users" in text


@pytest.mark.parametrize(
    "m",
    [
        closed(1_000, 50.0, 20),
        judged(closed(1_000, 50.0, 20), "throughput >= 100/s", "p99 < 1ms"),
        judged(run(tally(1_000)), "throughput >= 400/s"),
        judged(closed(0, 50.0, 20), "throughput >= 400/s, min_samples 1"),
        judged(closed(1_000, 50.0, 20), "throughput < 50/s"),
    ],
)
def test_without_a_shortfall_or_its_evidence_nothing_is_said(m: Measurement) -> None:
    assert texts(m) == []


def opened(n: int, *, planned: int, **evidence: object) -> Measurement:
    return run(
        tally(n), evidence={"open_loop": True, "planned_requests": float(planned), **evidence}
    )


def test_fewer_answers_than_offers() -> None:
    m = opened(800, planned=1_000, dropped=200, dropped_busy=200)
    assert texts(m) == [
        "100.0 req/sec were offered and 80.0 answered, 20.0 % fewer; of the requests 0 failed, and "
        "200 found every connection busy until the end."
    ]


def test_a_plan_that_offers_less_than_the_objective_asks_for() -> None:
    assert texts(judged(opened(1_000, planned=1_000), "throughput >= 200/s")) == [
        "The plan offers 100.0 req/sec, so that 200.0 req/sec cannot be answered: raise --rate."
    ]


@pytest.mark.parametrize(
    "m",
    [
        opened(995, planned=1_000, dropped=5),
        opened(939, planned=1_000),  # random arrivals: so few were due, and all were answered
        opened(0, planned=0),
        judged(opened(1_000, planned=1_000), "throughput >= 50/s"),
    ],
)
def test_an_open_loop_that_gets_what_it_offers(m: Measurement) -> None:
    assert texts(m) == []


def test_a_plan_that_offers_enough_is_not_blamed() -> None:
    [text] = texts(judged(opened(800, planned=1_000, dropped=200), "throughput >= 90/s"))
    assert "were offered" in text
