"""The charts of a rollout: one axis from its beginning, with the weight that was set when."""

from __future__ import annotations

import json
from typing import Any

import pytest

from loadgen.report.html.charts import Chart
from rollout.progressive.result import dumps
from rollout.report.rollout_charts import charts
from rollout.report.rollout_points import since_begin_s
from tests.rollout.report import rolled

FAILED_S = 3 + 60 + 3 + 35
"""Two shifts of 3 s, a whole stage, and 35 s of the next one."""


def found() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(dumps(rolled.rolled_back()))
    return parsed


def by_id(result: dict[str, Any]) -> dict[str, Chart]:
    return {chart.id: chart for chart in charts(result)}


def weight_at(chart: Chart, t_s: float) -> float | None:
    """The weight that was set at a time: that of the last point before it."""
    return [value for x, value in zip(chart.x, chart.series[0].values, strict=True) if x <= t_s][-1]


def test_all_share_one_axis_and_one_x() -> None:
    drawn = by_id(found())
    assert list(drawn) == [
        "weight",
        "rollout-evidence",
        "rollout-response-times",
        "rollout-errors",
        "rollout-queries",
    ]
    assert {chart.axis for chart in drawn.values()} == {"rollout"}
    assert len({chart.x for chart in drawn.values()}) == 1


@pytest.mark.parametrize(
    ("t_s", "percent"),
    [(0, 0.0), (10, 5.0), (63, 5.0), (80, 25.0), (FAILED_S + 0.5, 0.0), (1e6, 0.0)],
)
def test_the_weight_is_the_one_that_was_set(t_s: float, percent: float) -> None:
    assert weight_at(by_id(found())["weight"], t_s) == percent


def test_what_was_measured_stands_beside_what_was_set() -> None:
    chart = by_id(found())["weight"]
    measured = [value for value in chart.series[1].values if value is not None]
    assert len(measured) == 60 + 35
    assert all(4 < value < 6 for value in measured[:60])
    assert chart.stepped


def test_events_stand_where_they_happened() -> None:
    moments = by_id(found())["weight"].moments
    assert [(each.name, each.x) for each in moments] == [
        ("rolls back", FAILED_S),
        ("safe", FAILED_S + 0.8),
    ]


def test_evidence_goes_on_from_stage_to_stage_until_the_proof() -> None:
    values = [each for each in by_id(found())["rollout-evidence"].series[0].values if each]
    assert max(values) == pytest.approx(104)
    assert values == sorted(values)


def test_a_query_is_drawn_in_percent_of_its_limit() -> None:
    values = [each for each in by_id(found())["rollout-queries"].series[0].values if each]
    assert all(35 < value < 45 for value in values)


def test_a_rollout_of_hours_is_drawn_in_fewer_points_and_keeps_its_end() -> None:
    result = found()
    begun = result["timeline"][0]
    hours = [
        {**begun, "at": f"2026-11-25T{11 + i // 3600:02}:{i // 60 % 60:02}:{i % 60:02}.000Z"}
        for i in range(3 * 3600)
    ]
    result["timeline"] += hours
    result["rollout"]["ended_at"] = "2026-11-25T15:00:00.000Z"
    chart = by_id(result)["weight"]
    assert len(chart.x) <= 901
    assert chart.x[-1] == since_begin_s(result, "2026-11-25T15:00:00.000Z") == 4.5 * 3600
    assert len(chart.table.rows) <= 61
