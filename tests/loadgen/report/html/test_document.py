"""The page as text: what stands in it and in which order, and that nothing in it loads or runs."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest

from loadgen.measurement import Measurement
from loadgen.report.html import ObjectiveRow, render
from loadgen.report.html.charts import ChartId
from tests.loadgen import judged, samples
from tests.strict_html import Page, policy_hashes

FULL = samples.measurement()
RUNS = [
    FULL,
    samples.empty_measurement(),
    samples.measurement(requests=9),
    samples.measurement_with_checks(),
    judged.compared(),
    judged.rolled_back(succeeded=False),
]


@pytest.mark.parametrize("measurement", RUNS)
def test_every_element_is_closed_and_every_id_is_one(measurement: Measurement) -> None:
    page = Page(render(measurement))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    labels = [attributes.get("aria-label") for attributes in page.attributes("div")]
    named = [label for label in labels if label]
    assert len(named) == len(set(named))


def test_what_decides_stands_first() -> None:
    words = " ".join(Page(render(FULL)).words)
    order = [
        "http://localhost:8000", "PASSED", "Generator VALID:", "the numbers are about the target.",
        "1,050.5", "0.14", "P50 response time", "P95 response time", "P99 response time",
        "sustained, 100 users", "What this points to", "/api/orders has 86", "Over time",
        "Throughput", "Errors by class", "Generator: own lag",
        "Response times", "Distribution", "Percentiles", "Endpoints", "/api/orders",
        "Errors and status codes", "HTTP 500", "Generator health", "Warm-up", "This run",
        "20250127T103000Z-3f2a91",
    ]  # fmt: skip
    at = 0
    for text in order:
        assert text in words[at:], f"{text!r} does not stand after what comes before it"
        at = words.index(text, at) + len(text)


def test_a_run_that_points_to_nothing_says_so() -> None:
    words = " ".join(Page(render(samples.measurement(requests=20))).words)
    assert "What this points to Nothing stands out." in words


def test_a_run_is_called_as_in_the_other_reports() -> None:
    for measurement, title in (
        (FULL, "PASSED: load test of http://localhost:8000"),
        (samples.empty_measurement(), "FAILED: load test of http://localhost:8000"),
        (
            samples.measurement(requests=300, own_lag_p99_ms=200.0),
            "INCONCLUSIVE: load test of http://localhost:8000",
        ),
    ):
        assert f"<title>{title}</title>" in render(measurement)


def test_a_run_that_could_not_be_done_says_why_and_draws_nothing() -> None:
    page = Page(render(samples.empty_measurement()))
    words = " ".join(page.words)
    assert "The run could not be done: worker 1 was killed by SIGKILL." in words
    assert "Too short to draw it over time." in words
    assert "Too few answers to draw them." in words
    assert page.attributes("figure") == []


def test_nothing_is_loaded_from_anywhere() -> None:
    page = Page(render(FULL))
    assert not any("src" in attributes for _, attributes in page.tags)
    assert [attributes.get("href") for _, attributes in page.tags if "href" in attributes] == [
        "data:,"
    ]
    assert not re.search(r"url\(|@import", "".join(page.raw["style"]))


def test_nothing_runs_but_what_the_policy_names() -> None:
    text = render(FULL)
    page = Page(text)
    (policy,) = [
        attributes["content"] or ""
        for attributes in page.attributes("meta")
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert set(re.findall(r"'sha256-[^']+'", policy)) == policy_hashes(text)
    assert len(policy_hashes(text)) == 4
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]


def test_the_script_finds_a_place_for_each_of_its_charts() -> None:
    page = Page(render(FULL))
    (data,) = [source for source in page.raw["script"] if source.startswith("[")]
    figures = [attributes["id"] for attributes in page.attributes("figure")]
    assert [chart["id"] for chart in json.loads(data)] == figures == list(ChartId)


def test_each_chart_has_its_figures_as_words_and_as_a_table() -> None:
    page = Page(render(FULL))
    plots = [a for a in page.attributes("div") if a.get("class") == "plot"]
    assert len(plots) == len(page.attributes("details")) == 7
    for plot in plots:
        assert (plot["role"], plot["tabindex"]) == ("img", "0")
        assert re.search(r"\d", plot["aria-label"] or "")


def test_no_name_of_a_run_can_write_markup() -> None:
    evil = "</script><script>alert(1)</script><!-- \"'&"
    run = dataclasses.replace(FULL.run, target=evil, environment=evil, failure=evil, pattern=evil)
    endpoint = dataclasses.replace(FULL.endpoints[0], name=evil)
    second = dataclasses.replace(FULL.timeline[0], errors={evil: 3})
    text = render(
        dataclasses.replace(
            FULL, run=run, endpoints=(endpoint,), timeline=(second, *FULL.timeline[1:])
        ),
        objectives=[ObjectiveRow(text=evil, observed=evil, verdict=evil, sentence=evil)],
    )
    page = Page(text)
    assert len(page.attributes("script")) == 3
    assert not any("alert" in source for source in page.raw["script"] if source[0] != "[")
    assert "".join(page.words).count("alert(1)") >= 8


def test_objectives_stand_before_the_charts_with_their_verdicts_in_words() -> None:
    rows = [
        ObjectiveRow(text="p95 < 250ms", observed="131.0ms", verdict="PASS"),
        ObjectiveRow(
            text="throughput >= 1000/s",
            observed="850.5/s",
            verdict="FAIL",
            sentence="Throughput 850.5 req/sec below threshold 1000 req/sec",
            chart=ChartId.THROUGHPUT,
            limit=1000.0,
        ),
    ]
    words = " ".join(Page(render(FULL, objectives=rows)).words)
    start, end = words.index("Objectives"), words.index("Over time")
    for text in (
        "Throughput 850.5 req/sec below threshold 1000 req/sec",
        "p95 < 250ms 131.0ms ✓ PASS",
        "throughput >= 1000/s 850.5/s ✕ FAIL",
    ):
        assert start < words.index(text) < end
    assert "No objectives were given" not in words


def test_the_licence_of_the_chart_library_goes_with_it() -> None:
    text = render(FULL)
    assert "Copyright (c) 2022 Leon Sorokin" in text
    assert text.count("(v1.6.32)") == 1


def test_the_same_run_gives_the_same_page() -> None:
    assert render(FULL) == render(samples.measurement())
