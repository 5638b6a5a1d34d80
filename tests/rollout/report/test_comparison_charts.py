"""The charts of a comparison: one axis whose zero is the canary's first second."""

from __future__ import annotations

import json
from typing import Any

from loadgen.report.html.charts import Chart
from rollout.canary.result import dumps
from rollout.report.comparison_charts import charts
from tests.rollout.canary import samples
from tests.rollout.report import verified


def found(canary: str) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(dumps(samples.verification(canary)))["comparison"]
    return parsed


def by_id(canary: str) -> dict[str, Chart]:
    return {chart.id: chart for chart in charts(found(canary))}


def test_all_share_one_axis_that_begins_with_the_calibration() -> None:
    drawn = by_id("slow")
    assert list(drawn) == ["evidence", "both-response-times", "both-errors", "both-requests"]
    for chart in drawn.values():
        assert chart.axis == "comparison"
        assert (chart.x[0], chart.x[24], chart.x[25], chart.x[-1]) == (-24.0, 0.0, 1.0, 75.0)
        assert chart.moments[0].x == 0.0


def test_evidence_begins_with_the_comparison_and_ends_beyond_the_proof() -> None:
    chart = by_id("slow")["evidence"]
    line = chart.series[0].values
    assert line[:25] == (None,) * 25
    assert line[-1] is not None
    assert line[-1] >= 100
    assert line[-2] is not None
    assert line[-2] < 100
    assert [moment.name for moment in chart.moments] == ["canary comes in", "proven"]
    assert chart.moments[1].x == 75.0
    assert [limit.value for limit in chart.limits] == [100.0]


def test_a_canary_that_is_no_worse_proves_nothing() -> None:
    chart = by_id("alike")["evidence"]
    assert [moment.name for moment in chart.moments] == ["canary comes in"]
    assert all(value is None or value < 100 for line in chart.series for value in line.values)


def test_percentiles_are_those_of_the_rows() -> None:
    comparison = found("slow")
    chart = {each.id: each for each in charts(comparison)}["both-response-times"]
    lines = {series.name: series.values for series in chart.series}
    assert list(lines["Canary P95"]) == [row["canary"]["p95"] for row in comparison["rows"]]
    assert chart.table.head[:2] == ("Up to", "Baseline P50")
    assert len(chart.table.rows) <= 60


def test_a_long_comparison_is_drawn_in_fewer_points_and_loses_no_request() -> None:
    comparison = found("slow")
    rows = comparison["rows"]
    last = rows[-1]
    comparison["rows"] = [*rows, *({**last, "t_s": 76.0 + i} for i in range(5_000))]
    chart = {each.id: each for each in charts(comparison)}["both-requests"]
    assert len(chart.x) <= 902
    assert chart.x[-1] == 75.0 + 5_000
    assert set(chart.series[1].values) == {200.0}


def test_nothing_is_drawn_of_what_was_not_done() -> None:
    comparison = json.loads(dumps(verified.uncompared()))["comparison"]
    comparison["rows"] = comparison["rows"][:1]
    assert charts(comparison) == []
