"""What connecting cost: connections made anew, made slowly, or closed while idle."""

from __future__ import annotations

import pytest

from loadgen.measurement import Measurement
from loadgen.report.diagnosis.connections import clues
from slo.metric import Phase
from tests.loadgen import samples
from tests.loadgen.report.diagnosis.runs import run, tally, times


def texts(m: Measurement) -> list[str]:
    return [clue.text for clue in clues(m)]


def test_nothing_was_sent() -> None:
    assert texts(samples.empty_measurement()) == []


def connected(connects: int, **parts: float) -> Measurement:
    made = {Phase(name): times((connects, ms)) for name, ms in parts.items()}
    return run(tally(connects=connects, times=made))


def test_a_connection_for_each_request() -> None:
    assert texts(connected(1_000, connect=0.5)) == [
        "1,000 connections were made for 1,000 requests, each in 500 µs on average: check whether "
        "keep-alive is on here and at the target."
    ]


def test_a_handshake_for_each_request() -> None:
    [text] = texts(connected(1_000, connect=0.5, tls=4.0))
    assert "each in 500 µs on average, and 4.00 ms for its TLS handshake: check" in text


def test_the_first_connection_of_each_user_is_no_finding() -> None:
    """10 users, 1,000 requests: 100 connections besides the first ones are a tenth."""
    assert texts(connected(109, connect=0.5)) == []
    assert len(texts(connected(110, connect=0.5))) == 1


def test_an_open_loop_may_have_many_connections() -> None:
    paced: dict[str, object] = {"open_loop": True, "planned_requests": 1_000.0}
    made = {Phase.CONNECT: times((500, 0.5))}
    assert texts(run(tally(connects=500, times=made), evidence=paced)) == []
    assert len(texts(run(tally(connects=600, times=made), evidence=paced))) == 1


def test_connections_that_took_a_second() -> None:
    """The second SYN is sent after 1 s and answered 30 ms later."""
    m = run(tally(times={Phase.CONNECT: times((98, 30.0), (2, 1_030.0))}))
    assert texts(m) == [
        "2 of 100 connections took 1 s or longer to be made, which is when the kernel asks again: "
        "packets were lost, or the target's listen backlog was full."
    ]
    assert next(iter(clues(m))).weight == pytest.approx(1.02)


def test_idle_connections_that_the_target_closed() -> None:
    assert texts(run(tally(20_000, reconnects=19))) == []
    assert texts(run(tally(20_000, reconnects=20))) == [
        "20 requests (0.10 %) were sent again because the target had closed the idle connection: "
        "its keep-alive timeout, or its limit of requests per connection, is short."
    ]
