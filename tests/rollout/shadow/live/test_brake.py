"""When the mirror stops itself, and when it goes on."""

from __future__ import annotations

import pytest

from rollout.shadow.live.brake import Brake, Outcome

MS = 1_000_000
S = 1_000_000_000


def _outcome(
    *, error: str = "", status: int = 200, service_ns: int = 2 * MS, production_status: int = 200
) -> Outcome:
    return Outcome(
        error=error,
        status=status,
        service_ns=service_ns,
        production_status=production_status,
        production_ns=MS,
    )


GOOD = _outcome()
LATE = _outcome(error="timeout")


@pytest.mark.parametrize(
    ("outcome", "strain", "why"),
    [
        (GOOD, "", "an answer like production's"),
        (_outcome(status=500), "", "a wrong answer is what is looked for"),
        (_outcome(status=503), "status 503", "the canary says that it is overloaded"),
        (_outcome(status=429), "status 429", "likewise"),
        (_outcome(status=503, production_status=503), "", "production says the same"),
        (LATE, "timeout", "no answer"),
        (_outcome(service_ns=300 * MS), "slow", "300 times production's time"),
        (_outcome(service_ns=200 * MS), "", "200 times, but still fast"),
    ],
)
def test_what_says_that_the_canary_is_overloaded(outcome: Outcome, strain: str, why: str) -> None:
    assert outcome.strain == strain, why


def test_a_slow_answer_is_fine_when_production_is_slow_as_well() -> None:
    outcome = Outcome(
        error="", status=200, service_ns=2 * S, production_status=200, production_ns=S
    )
    assert outcome.strain == ""


def _drowned(now_ns: int = 0) -> Brake:
    brake = Brake()
    for _ in range(40):
        brake.admits(now_ns)
        event = brake.note(LATE, now_ns)
    assert event is not None
    assert event.is_on
    assert event.reason == "40 of the last 40 answers: 40 timeout"
    return brake


def test_few_answers_are_no_evidence() -> None:
    brake = Brake()
    for _ in range(39):
        assert brake.note(LATE, 0) is None
    assert brake.admits(0)


def test_less_than_half_is_borne_for_ever_and_half_is_not() -> None:
    brake = Brake()
    for index in range(4_000):
        assert brake.note(LATE if index % 40 < 19 else GOOD, 0) is None
    events = [brake.note(LATE, 0) for _ in range(20)]
    assert [event for event in events if event], "20 of 40 are half"


def test_nothing_is_sent_until_the_pause_is_over_and_then_one_at_a_time() -> None:
    brake = _drowned()
    assert brake.until_ns == 5 * S
    assert not brake.admits(5 * S - 1)
    assert brake.admits(5 * S)
    assert not brake.admits(5 * S), "the probe's answer is awaited"


def test_good_answers_in_a_row_release_it() -> None:
    brake = _drowned()
    for _ in range(4):
        assert brake.admits(6 * S)
        assert brake.note(GOOD, 6 * S) is None
    assert brake.admits(6 * S)
    event = brake.note(GOOD, 6 * S)
    assert event is not None
    assert not event.is_on
    assert brake.admits(6 * S)
    assert brake.admits(6 * S)
    assert brake.until_ns is None


def test_each_failed_probe_doubles_the_pause_up_to_a_minute() -> None:
    brake = _drowned()
    now_ns = 0
    pauses_s = []
    for _ in range(6):
        assert brake.until_ns is not None
        pauses_s.append((brake.until_ns - now_ns) // S)
        now_ns = brake.until_ns
        assert brake.admits(now_ns)
        event = brake.note(LATE, now_ns)
        assert event is not None
        assert event.reason == "tried again: timeout"
    assert pauses_s == [5, 10, 20, 40, 60, 60]


def test_answers_to_what_was_sent_before_change_nothing() -> None:
    brake = _drowned()
    assert brake.note(GOOD, 0) is None
    assert brake.note(LATE, 0) is None
    assert brake.until_ns == 5 * S
