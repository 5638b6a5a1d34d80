"""Failures by kind, second and endpoint: said with their figures, and only where they are clear."""

from __future__ import annotations

import pytest

from loadgen.arena import ERROR_CLASSES
from loadgen.measurement import EndpointResult, Measurement, Second
from loadgen.report.diagnosis.failures import _CHECKS, clues
from tests.loadgen.report.diagnosis.runs import endpoint, run, seconds, tally


def failing(
    n: int = 1_000,
    *,
    errors: dict[str, int] | None = None,
    codes: dict[int, int] | None = None,
    endpoints: tuple[EndpointResult, ...] = (),
    timeline: tuple[Second, ...] = (),
) -> Measurement:
    failed = sum((errors or {}).values()) + sum((codes or {}).values())
    total = tally(
        n, failed=failed, succeeded=n - failed, errors=errors or {}, failed_codes=codes or {}
    )
    return run(total, *endpoints, timeline=timeline)


def texts(m: Measurement) -> list[str]:
    return [clue.text for clue in sorted(clues(m), key=lambda clue: -clue.weight)]


def test_a_run_without_failures_has_nothing_to_say_of_them() -> None:
    assert texts(run(tally())) == []


def test_each_error_class_of_the_engine_has_something_to_check() -> None:
    assert set(_CHECKS) == set(ERROR_CLASSES)


@pytest.mark.parametrize(
    ("m", "expected"),
    [
        (
            failing(errors={"timeout": 9}),
            "9 of 1,000 requests (0.90 %) ended with timeout: no answer came within the timeout; "
            "check what the target waits for: its database, its dependencies, a full pool of "
            "connections.",
        ),
        (
            failing(errors={"of_a_later_version": 1}),
            "1 of 1,000 requests (0.10 %) ended with of_a_later_version: check the target's log.",
        ),
        (
            failing(codes={503: 5}),
            "5 of 1,000 requests (0.50 %) ended with HTTP 503: the target refuses work; check its "
            "resources, its limits and its dependencies.",
        ),
        (
            failing(codes={599: 5}),
            "5 of 1,000 requests (0.50 %) ended with HTTP 599: the target fails; check its log and "
            "its dependencies.",
        ),
        (
            failing(codes={418: 5}),
            "5 of 1,000 requests (0.50 %) ended with HTTP 418: the target refuses the requests; "
            "check them and its configuration.",
        ),
    ],
)
def test_a_kind_of_failure_and_what_to_check(m: Measurement, expected: str) -> None:
    assert texts(m) == [expected]


def test_at_most_three_kinds_the_most_frequent_first_and_no_small_ones() -> None:
    many = failing(errors={"reset": 20, "closed": 30, "timeout": 25}, codes={404: 21})
    assert [text.split(": ")[0] for text in texts(many)] == [
        "30 of 1,000 requests (3.00 %) ended with closed",
        "25 of 1,000 requests (2.50 %) ended with timeout",
        "21 of 1,000 requests (2.10 %) ended with HTTP 404",
    ]
    one_matters = failing(errors={"reset": 91, "closed": 9})
    assert len(texts(one_matters)) == 1


@pytest.mark.parametrize(
    ("m", "symptom"),
    [
        (failing(errors={"reset": 10}), False),
        (failing(errors={"reset": 11}), True),
        (failing(codes={404: 1}), False),
        (failing(codes={500: 1}), True),
    ],
)
def test_more_than_one_percent_or_any_5xx_is_a_symptom(m: Measurement, symptom: bool) -> None:
    [clue] = clues(m)
    assert (clue.weight > 1.0) is symptom


def in_seconds(*failed: int) -> list[str]:
    timeline = seconds(len(failed), failed=failed)
    found = texts(failing(errors={"reset": sum(failed)}, timeline=timeline))
    return [text for text in found if not text.startswith(f"{sum(failed)} of 1,000 requests")]


@pytest.mark.parametrize(
    ("failed", "expected"),
    [
        (
            (0, 0, 0, 12, 0, 0, 0, 0, 0, 0),
            "12 of 12 failures came in 1 second, between 3s and 4s, of 10s in all: check what "
            "happened to the target then.",
        ),
        (
            (20, 20, 0, 0, 0, 0, 0, 0, 0, 1),
            "40 of 41 failures came in 2 seconds between 0s and 2s, of 10s in all: check what "
            "happened to the target then.",
        ),
        (
            (2, 1, 2, 3, 2, 0, 1, 2, 2, 1),
            "Failures came in 9 of 10 seconds: they are no single event.",
        ),
    ],
)
def test_failures_in_few_seconds_or_in_most(failed: tuple[int, ...], expected: str) -> None:
    assert in_seconds(*failed) == [expected]


@pytest.mark.parametrize(
    "failed",
    [
        (10, 10, 10, 10, 0, 0, 0, 0, 0, 0),  # neither few seconds nor most
        (0, 0, 12, 0),  # too short to tell
        (0, 0, 0, 9, 0, 0, 0, 0, 0, 0),  # too few failures to tell
    ],
)
def test_nothing_is_said_of_seconds_when_nothing_is_clear(failed: tuple[int, ...]) -> None:
    assert in_seconds(*failed) == []


def test_a_timeline_without_the_failures_says_nothing_of_them() -> None:
    m = failing(errors={"reset": 20}, timeline=seconds(10))
    assert len(texts(m)) == 1


def of_endpoints(*parts: tuple[int, int]) -> list[str]:
    """Endpoints by how many requests they had, and how many of them failed."""
    endpoints = tuple(
        endpoint(f"/{index}", tally(n, failed=failed, succeeded=n - failed))
        for index, (n, failed) in enumerate(parts)
    )
    m = failing(
        sum(n for n, _ in parts),
        errors={"reset": sum(failed for _, failed in parts)},
        endpoints=endpoints,
    )
    return [text for text in texts(m) if " requests (" not in text]


def test_one_endpoint_fails() -> None:
    assert of_endpoints((900, 2), (100, 18)) == [
        "/1 has 90.0 % of the failures and 10.0 % of the requests: check what only it uses."
    ]


def test_all_endpoints_fail() -> None:
    assert of_endpoints((500, 10), (500, 12)) == [
        "All 2 endpoints fail, each about as often as it is asked: check what they share."
    ]


@pytest.mark.parametrize(
    "parts",
    [
        ((500, 20), (400, 20), (100, 0)),  # two of three
        ((900, 100), (100, 4)),  # the other one fails less often, though it does
        ((1_000, 20),),
        ((1_000, 20), (0, 0)),
    ],
)
def test_nothing_is_said_of_endpoints_when_nothing_is_clear(
    parts: tuple[tuple[int, int], ...],
) -> None:
    assert of_endpoints(*parts) == []
