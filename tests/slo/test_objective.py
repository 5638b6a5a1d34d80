"""slo.objective: what can be demanded, and how it is written."""

from __future__ import annotations

from typing import Any

import pytest

from slo.metric import ErrorRate, Maximum, Metric, Percentile, StatusRate, Throughput
from slo.objective import (
    Comparison,
    Decide,
    Objective,
    Window,
    WindowKind,
    number_text,
)

BELOW, AT_MOST, ABOVE, AT_LEAST = Comparison
P95 = Percentile(percent=95)


@pytest.mark.parametrize(
    ("comparison", "below", "at", "above"),
    [
        (BELOW, True, False, False),
        (AT_MOST, True, True, False),
        (ABOVE, False, False, True),
        (AT_LEAST, False, True, True),
    ],
)
def test_sides_of_a_limit(comparison: Comparison, below: bool, at: bool, above: bool) -> None:
    assert [comparison.holds(value, 5.0) for value in (4.0, 5.0, 6.0)] == [below, at, above]
    assert comparison.is_upper is below


@pytest.mark.parametrize(
    ("options", "text"),
    [
        pytest.param({}, "p95 < 250ms", id="whole run, all endpoints"),
        pytest.param({"limit": 0.3}, "p95 < 0.3ms", id="a fraction"),
        pytest.param({"limit": 1e-7}, "p95 < 1e-07ms", id="too small to be written out"),
        pytest.param({"scope": "/a"}, "p95 of /a < 250ms", id="an endpoint"),
        pytest.param({"scope": "GET /a"}, 'p95 of "GET /a" < 250ms', id="with a space"),
        pytest.param({"scope": 'a"\\'}, 'p95 of "a\\"\\\\" < 250ms', id="with a quote"),
        pytest.param(
            {"window": Window(kind=WindowKind.WITHIN, seconds=90)},
            "p95 < 250ms within 90s",
            id="sliding",
        ),
        pytest.param(
            {"window": Window(kind=WindowKind.FOR, seconds=120)},
            "p95 < 250ms for 2m",
            id="in a row",
        ),
        pytest.param(
            {"abort": True, "after_s": 2.5, "min_samples": 9, "decide": Decide.CONFIDENT},
            "p95 < 250ms, abort, after 2.5s, min_samples 9, decide confident",
            id="options",
        ),
    ],
)
def test_text(options: dict[str, Any], text: str) -> None:
    asked: dict[str, Any] = {"metric": P95, "comparison": BELOW, "limit": 250.0, **options}
    objective = Objective(**asked)
    assert objective.text == text
    assert objective.condition == text.partition(",")[0]


@pytest.mark.parametrize(
    ("metric", "comparison", "limit", "problem"),
    [
        (P95, ABOVE, 3.0, "says what must hold; expected < or <="),
        (Maximum(), AT_LEAST, 3.0, "says what must hold"),
        (ErrorRate(), ABOVE, 3.0, "says what must hold"),
        (ErrorRate(), AT_MOST, 101.0, "expected 0 to 100%"),
        (P95, BELOW, -1.0, "expected 0 to infms"),
        (Throughput(), ABOVE, float("inf"), "out of range"),
        (P95, BELOW, 0.0, "nothing is below 0"),
        (StatusRate(first=200, last=299), ABOVE, 100.0, "nothing is above 100%"),
    ],
)
def test_what_cannot_be_demanded(
    metric: Metric, comparison: Comparison, limit: float, problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        Objective(metric=metric, comparison=comparison, limit=limit)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"after_s": -1.0}, "after -1s is out of range"),
        ({"after_s": float("inf")}, "after infs is out of range"),
        ({"min_samples": -1}, "min_samples -1 is out of range"),
    ],
)
def test_options_out_of_range(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Objective(metric=P95, comparison=BELOW, limit=1.0, **options)


@pytest.mark.parametrize("seconds", [0, 3601])
def test_windows_out_of_range(seconds: int) -> None:
    with pytest.raises(ValueError, match="expected 1s to 3600s"):
        Window(kind=WindowKind.FOR, seconds=seconds)


@pytest.mark.parametrize(
    "objective",
    [
        Objective(metric=ErrorRate(), comparison=AT_MOST, limit=0.0),
        Objective(metric=StatusRate(first=200, last=299), comparison=AT_LEAST, limit=100.0),
        Objective(metric=Throughput(), comparison=BELOW, limit=5000.0),
    ],
)
def test_demands_at_the_edge(objective: Objective) -> None:
    assert objective.comparison.holds(objective.limit, objective.limit) is (
        objective.comparison in {AT_MOST, AT_LEAST}
    )


@pytest.mark.parametrize(
    ("value", "text"), [(250.0, "250"), (0.5, "0.5"), (1e15, "1000000000000000.0"), (0.0, "0")]
)
def test_numbers(value: float, text: str) -> None:
    assert number_text(value) == text
