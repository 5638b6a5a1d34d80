"""The words and rows that reports share."""

from __future__ import annotations

import dataclasses

import pytest

from loadgen.arena import CHECK_KINDS, ERROR_CLASSES
from loadgen.report import words
from tests.loadgen import samples


@pytest.mark.parametrize(
    ("users", "expected"), [(1, "sustained, 1 user"), (1500, "sustained, 1,500 users")]
)
def test_load_of_a_closed_loop(users: int, expected: str) -> None:
    full = samples.measurement(requests=100)
    run = dataclasses.replace(full.run, users=users)
    assert words.load(dataclasses.replace(full, run=run)) == expected


def test_load_of_an_open_loop_is_what_was_offered() -> None:
    run = samples.measurement(requests=100, open_loop=True, planned_requests=15_000.0)
    assert words.load(run) == "sustained, 1,000.0 req/s"


def test_outcomes_are_all_requests_once() -> None:
    """Statuses ascending, then error classes, the most first; shares of what ended."""
    tally = dataclasses.replace(
        samples.tally(10, 1.0),
        succeeded=5, failed=5,
        status_codes={503: 1, 200: 5, 404: 0}, errors={"reset": 1, "timeout": 3, "closed": 0},
        failed_codes={503: 1},
    )  # fmt: skip
    assert [(o.name, o.n, o.percent, o.failed) for o in words.outcomes(tally)] == [
        ("HTTP 200", 5, 50.0, False),
        ("HTTP 503", 1, 10.0, True),
        ("timeout", 3, 30.0, True),
        ("reset", 1, 10.0, True),
    ]


def test_a_status_that_was_expected_is_no_failed_outcome() -> None:
    tally = dataclasses.replace(samples.tally(10, 1.0), status_codes={404: 10}, failed_codes={})
    assert [outcome.failed for outcome in words.outcomes(tally)] == [False]


def test_every_kind_of_check_has_its_words() -> None:
    assert tuple(words.CHECKS) == CHECK_KINDS
    failed = dataclasses.replace(samples.tally(10, 1.0), checks={"body_lacks": 4, "status": 1})
    assert words.remarks(failed) == [
        "1 failed a check: status not as expected",
        "4 failed a check: body without an expected text",
    ]


def test_limits_of_this_machine_are_named_with_their_remedy() -> None:
    tally = dataclasses.replace(samples.tally(10, 1.0), errors={"connect_no_ports": 7, "reset": 1})
    (remark,) = words.remarks(tally)
    assert remark.startswith("7 could not connect")
    assert "net.ipv4.ip_local_port_range" in remark
    assert set(words.REMEDIES) <= set(ERROR_CLASSES)


def test_remarks_are_made_only_of_what_happened() -> None:
    calm = samples.tally(10, 1.0)
    assert words.remarks(calm) == []
    odd = dataclasses.replace(
        calm, in_flight_at_end=1, dropped=2_000, late=3, reconnects=4, surplus=5
    )
    assert [remark.split(" ")[0] for remark in words.remarks(odd)] == ["1", "2,000", "3", "4", "5"]
