"""What an answer is held against: how it is read, refused, and told when it failed."""

from __future__ import annotations

import pytest

from loadgen.arena import CHECK_KINDS
from loadgen.checks import Checks, HeaderCheck, format_statuses, parse_statuses

ALL = Checks(
    statuses=((200, 200), (300, 399)),
    headers=(
        HeaderCheck(name="X-A"),
        HeaderCheck(name="X-B", value="json"),
        HeaderCheck(name="X-C", value="1", equals=True),
    ),
    body_contains=(b"yes", b"\xff\xe9"),
    body_excludes=("né".encode(),),
    body_min_bytes=1_000,
    body_max_bytes=2_000,
)


def test_nothing_to_check_is_false() -> None:
    assert not Checks()
    assert ALL
    assert Checks(body_min_bytes=1)


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        ("200", ((200, 200),)),
        ("200,201", ((200, 200), (201, 201))),
        (" 200 , 300 - 399 ", ((200, 200), (300, 399))),
        ("404-404", ((404, 404),)),
    ],
)
def test_statuses_are_read_and_written(text: str, statuses: tuple[tuple[int, int], ...]) -> None:
    assert parse_statuses(text) == statuses
    assert parse_statuses(format_statuses(statuses)) == statuses


@pytest.mark.parametrize("text", ["", "2xx", "99", "600", "399-300", "200-", "200,,201", "200 201"])
def test_what_is_no_status_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected statuses such as 200,201,300-399"):
        parse_statuses(text)


@pytest.mark.parametrize(
    ("kind", "index", "said"),
    [
        ("status", 0, "status 404 is not in 200, 300-399"),
        ("header_missing", 0, "header X-A is missing"),
        ("header_value", 1, "header X-B does not contain 'json'"),
        ("header_value", 2, "header X-C is not '1'"),
        ("body_lacks", 0, "body does not contain 'yes'"),
        ("body_lacks", 1, r"body does not contain '\\xff\\xe9'"),
        ("body_has", 2, "body contains 'né'"),
        ("body_small", 0, "body of 1,500 bytes; expected 1,000 or more"),
        ("body_large", 0, "body of 1,500 bytes; expected 2,000 or less"),
        ("body_encoded", 0, "body is compressed although it was asked for plain; not searched"),
    ],
)
def test_a_failure_is_told_in_words(kind: str, index: int, said: str) -> None:
    assert kind in CHECK_KINDS
    assert ALL.reason(kind, index, status=404, body_bytes=1_500) == said


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        (Checks(headers=(HeaderCheck(name="a"),) * 5), "headers: 5 given; expected at most 4"),
        (Checks(body_contains=(b"a",) * 3, body_excludes=(b"b",) * 2), "5 given"),
        (Checks(body_contains=(b"",)), "a text of 0 bytes"),
        (Checks(body_contains=(b"a" * 1025,)), "a text of 1025 bytes"),
        (Checks(headers=(HeaderCheck(name="a", value="x" * 2049),)), "longer than 2048 bytes"),
        (Checks(statuses=((99, 200),)), "status 99-200 is no range"),
        (Checks(statuses=((300, 200),)), "status 300-200 is no range"),
        (Checks(body_min_bytes=2, body_max_bytes=1), "body size 2..1 is no range"),
    ],
)
def test_what_cannot_be_checked_is_a_problem(checks: Checks, said: str) -> None:
    (problem,) = checks.problems()
    assert said in problem


def test_the_largest_checks_are_no_problem() -> None:
    assert ALL.problems() == []
    assert Checks(body_contains=(b"a" * 1024,) * 4, statuses=((100, 599),)).problems() == []
