"""The charts over time: what is drawn, and that words and tables say the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest

from loadgen.measurement import Measurement, Second
from loadgen.report.html.charts import MOST_POINTS, MOST_ROWS, Chart, ChartId, Limit
from loadgen.report.html.objectives import ObjectiveRow
from loadgen.report.html.over_time import over_time
from tests.loadgen import samples

FULL = samples.measurement()


def charts(m: Measurement, *objectives: ObjectiveRow) -> Mapping[str, Chart]:
    return {chart.id: chart for chart in over_time(m, objectives)}


def with_seconds(*seconds: Second) -> Measurement:
    return dataclasses.replace(FULL, timeline=seconds)


def test_all_charts_in_their_order_on_one_axis() -> None:
    drawn = charts(FULL)
    assert list(drawn) == [
        ChartId.THROUGHPUT, ChartId.RESPONSE_TIME, ChartId.ERRORS, ChartId.LOAD,
        ChartId.OWN_LAG, ChartId.CPU,
    ]  # fmt: skip
    assert {chart.x for chart in drawn.values()} == {tuple(float(t) for t in range(1, 16))}
    for chart in drawn.values():
        assert {len(series.values) for series in chart.series} == {15}
        assert len(chart.table.rows) == 15


def test_counts_are_drawn_as_rates_also_of_a_short_last_second() -> None:
    last = dataclasses.replace(samples.second(2), t_s=1.5, sent=500, succeeded=400, failed=50)
    throughput = charts(with_seconds(samples.second(1), last))[ChartId.THROUGHPUT]
    sent, succeeded, failed = (series.values for series in throughput.series)
    assert (sent, succeeded, failed) == ((1049, 1000), (1046, 800), (2, 100))
    assert throughput.table.rows[1] == ("0:01.5", "1,000.0", "800.0", "100.0")


def test_response_times_are_bands_between_neighbours() -> None:
    chart = charts(FULL)[ChartId.RESPONSE_TIME]
    assert [series.name for series in chart.series] == ["P50", "P95", "P99", "Max"]
    assert [(band.lower, band.upper) for band in chart.bands] == [(0, 1), (1, 2), (2, 3)]
    assert chart.table.rows[0] == ("0:01", "95.4 ms", "245 ms", "399 ms", "812 ms")


def test_the_slowest_second_is_named() -> None:
    slow = dataclasses.replace(samples.second(2), p95_ms=901.0)
    chart = charts(with_seconds(samples.second(1), slow, samples.second(3)))[ChartId.RESPONSE_TIME]
    assert "The slowest second's P95 was 901 ms, at 0:02." in chart.summary
    assert not chart.log


def test_a_stall_makes_the_scale_logarithmic_and_says_so() -> None:
    stalled = dataclasses.replace(samples.second(2), max_ms=95.4 * 31)
    chart = charts(with_seconds(samples.second(1), stalled))[ChartId.RESPONSE_TIME]
    assert chart.log
    assert chart.summary.endswith("The scale is logarithmic.")


def test_seconds_with_few_answers_have_a_slowest_one_but_no_percentile() -> None:
    few = [
        dataclasses.replace(samples.second(t), p95_ms=None, p99_ms=None, max_ms=10.0 * t)
        for t in (1, 2)
    ]
    chart = charts(with_seconds(*few))[ChartId.RESPONSE_TIME]
    assert "The slowest answer took 20.0 ms, at 0:02." in chart.summary
    assert chart.series[1].values == (None, None)


def test_a_run_without_failures_has_no_chart_of_them() -> None:
    calm = [samples.second(t, failed=0) for t in (1, 2, 3)]
    assert ChartId.ERRORS not in charts(with_seconds(*calm))


def test_many_error_classes_share_a_line() -> None:
    errors = {f"class_{n}": 10 - n for n in range(8)}
    chart = charts(with_seconds(*(_failing(t, errors) for t in (1, 2))))[ChartId.ERRORS]
    lines = {series.name: series.values[0] for series in chart.series}
    assert lines == {
        "class_0": 10, "class_1": 9, "class_2": 8, "class_3": 7, "class_4": 6, "others": 5 + 4 + 3,
    }  # fmt: skip
    looks = {(series.ink, series.dash) for series in chart.series}
    assert len(looks) == len({dash for _, dash in looks}) == 6
    assert chart.summary == "104 requests failed, 52 of them in the worst second, up to 0:01."


def test_an_answer_that_fails_is_called_by_its_status() -> None:
    chart = charts(with_seconds(*(_failing(t, {"http_503": 3}) for t in (1, 2))))[ChartId.ERRORS]
    assert [series.name for series in chart.series] == ["HTTP 503"]
    assert chart.table.head == ("Up to", "HTTP 503")


def _failing(t_s: int, errors: Mapping[str, int]) -> Second:
    failed = sum(errors.values())
    return dataclasses.replace(samples.second(t_s), errors=errors, failed=failed)


def test_arrivals_have_no_users() -> None:
    open_loop = dataclasses.replace(FULL, run=dataclasses.replace(FULL.run, open_loop=True))
    chart = charts(open_loop)[ChartId.LOAD]
    assert (chart.title, chart.table.head) == ("In flight", ("Up to", "In flight"))
    assert charts(FULL)[ChartId.LOAD].summary.startswith("Up to 100 users; at most 97 requests")


def test_the_generator_is_drawn_against_where_doubt_begins() -> None:
    """The limits are those of the verdict: 10 ms with exact pacing, 90 % of a core."""
    drawn = charts(FULL)
    assert [limit.value for limit in drawn[ChartId.OWN_LAG].limits] == [10]
    assert [limit.value for limit in drawn[ChartId.CPU].limits] == [90]
    assert drawn[ChartId.OWN_LAG].series[0].values[0] == 0.041
    assert [series.values[0] for series in drawn[ChartId.CPU].series] == [36.0, 35.1]
    sleeping = charts(samples.measurement(exact=False))
    assert [limit.value for limit in sleeping[ChartId.OWN_LAG].limits] == [50]


def test_one_worker_is_its_own_mean() -> None:
    alone = [dataclasses.replace(samples.second(t), worker_cpu_percent=(12.0,)) for t in (1, 2)]
    chart = charts(with_seconds(*alone))[ChartId.CPU]
    assert [series.name for series in chart.series] == ["Busiest worker"]


def test_limits_of_objectives_are_lines_in_their_charts() -> None:
    row = ObjectiveRow(
        text="p95 < 250ms",
        observed="350.2ms",
        verdict="FAIL",
        chart=ChartId.RESPONSE_TIME,
        limit=250.0,
    )
    drawn = charts(FULL, row)
    assert drawn[ChartId.RESPONSE_TIME].limits == (Limit(name="p95 < 250ms", value=250.0),)
    assert drawn[ChartId.THROUGHPUT].limits == ()


def test_a_day_makes_no_larger_page_than_an_hour() -> None:
    day = [samples.second(t) for t in range(1, 86_401)]
    for chart in charts(with_seconds(*day)).values():
        assert len(chart.x) <= MOST_POINTS
        assert len(chart.table.rows) <= MOST_ROWS
        assert chart.x[-1] == 86_400.0


@pytest.mark.parametrize("timeline", [(), (samples.second(1),)])
def test_one_second_is_no_course_of_time(timeline: tuple[Second, ...]) -> None:
    assert over_time(with_seconds(*timeline), ()) == []
