"""A verdict on the page."""

from __future__ import annotations

from loadgen.report.html import render
from loadgen.report.html.charts import ChartId
from loadgen.report.html.judged import judged as rows_of
from slo.verdict import Verdict
from tests.loadgen import judged, samples


def test_each_objective_has_its_row() -> None:
    slo = judged.violated().slo
    assert slo is not None
    rows = rows_of(slo)
    assert [row.text for row in rows] == [finding.objective.text for finding in slo.findings]
    assert rows[1].observed == "338.3 ms"
    assert rows[1].sentence == "P95 latency 338.3ms exceeds threshold 250ms"
    assert (rows[1].chart, rows[1].limit) == (ChartId.RESPONSE_TIME, 250.0)
    assert (rows[3].verdict, rows[3].sentence, rows[3].chart) == (Verdict.PASS, "", None)
    assert (rows[4].chart, rows[4].limit) == (ChartId.THROUGHPUT, 1000.0)
    assert (rows[5].verdict, rows[5].observed) == (Verdict.INCONCLUSIVE, "–")
    assert rows[5].sentence.startswith("1,000 requests are too few for p99.9")


def test_what_no_chart_shows_has_no_line() -> None:
    shop = samples.measurement(requests=1_000)
    slo = judged.judge(shop, "p95 of /api/users < 1s", "ttfb p50 < 1s", "mean < 1s").slo
    assert [row.chart for row in rows_of(slo)] == [None, None, None]


def test_a_page_shows_the_measurement_s_own_verdict() -> None:
    page = render(judged.violated())
    assert "P95 latency 338.3ms exceeds threshold 250ms" in page
    assert "<h2>Objectives</h2>" in page
    assert "<h2>Objectives</h2>" not in render(samples.measurement(requests=400))
    assert rows_of(None) == ()
