"""A verification's page as text: what stands in it and in which order, and that it is inert."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from rollout.canary.result import dumps
from rollout.canary.verification import Verification
from rollout.report.verification_html import render, render_result
from tests.rollout.report import verified
from tests.strict_html import Page, policy_hashes


@pytest.mark.parametrize("build", [verified.full, verified.passed, verified.uncompared])
def test_every_element_is_closed_and_every_id_and_label_is_one(
    build: Callable[[], Verification],
) -> None:
    page = Page(render(build()))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    labels = [each["aria-label"] for each in page.attributes("div") if each.get("aria-label")]
    assert len(ids) == len(set(ids))
    assert len(labels) == len(set(labels))


def test_what_decides_stands_first() -> None:
    words = " ".join(Page(render(verified.full())).words)
    order = [
        "Canary verification, 2026-11-24 20:13 UTC, staging", "http://canary.example.com", "FAIL",
        "Rolled back by kubectl in 1.2 s.", "10.1 % of 1,001 pairs differ",
        "Load test: P95 latency 338.3ms exceeds threshold 250ms",
        "All endpoints: p95 60.0 ms against 45.4 ms, 1.32×", "Most of it comes from /c",
        "Warning: without --baseline-url", "P50 ratio", "1.21", "Steps",
        "Shadow", "GET /orders/{id}", "json $.items[*].price", "Load test", "Throughput",
        "Load test: response time", "Comparison", "Evidence that the canary is worse",
        "Response time of both sides", "Errors of both sides", "Requests to both sides",
        "How much worse", "Calibrating, 25s", "Comparing, 1m 15s", "Detectors",
        "The baseline beside itself", "Rollback", "deployment rolled back",
        "20261124T201351Z-3f2a91",
    ]  # fmt: skip
    at = 0
    for text in order:
        assert text in words[at:], f"{text!r} does not stand after what comes before it"
        at = words.index(text, at) + len(text)


def test_steps_that_were_not_done_say_why() -> None:
    words = " ".join(Page(render(verified.passed())).words)
    assert "not done: no --shadow SOURCE was given" in words
    assert "not done: nobody asked for it (--load-test)" in words
    assert "The canary may go on." in words


def test_a_comparison_that_never_began_has_its_reason_and_the_calibration() -> None:
    words = " ".join(Page(render(verified.uncompared())).words)
    assert "INVALID" in words
    assert "Nothing is known of the canary, and nothing was rolled back." in words


def test_the_script_finds_a_place_for_each_of_its_charts() -> None:
    page = Page(render(verified.full()))
    (data,) = [source for source in page.raw["script"] if source.startswith("[")]
    drawn = json.loads(data)
    assert [chart["id"] for chart in drawn] == [each["id"] for each in page.attributes("figure")]
    axes = {chart["id"]: chart["axis"] for chart in drawn}
    assert {axis for name, axis in axes.items() if name.startswith("both-")} == {"comparison"}
    assert axes["evidence"] == "comparison"
    assert axes["load-throughput"] == "load-test"


def test_nothing_is_loaded_and_nothing_runs_but_what_the_policy_names() -> None:
    text = render(verified.full())
    page = Page(text)
    (policy,) = [
        each["content"] or ""
        for each in page.attributes("meta")
        if each.get("http-equiv") == "Content-Security-Policy"
    ]
    assert all(name in policy for name in policy_hashes(text))
    assert not any("src" in attributes or "style" in attributes for _, attributes in page.tags)


def test_no_name_can_write_markup() -> None:
    page = Page(render(verified.evil()))
    assert len(page.attributes("script")) == 3
    assert not any("alert" in source for source in page.raw["script"] if source[0] != "[")
    assert "".join(page.words).count("alert(1)") >= 8


def test_a_result_that_was_kept_gives_the_same_page() -> None:
    verification = verified.full()
    assert render_result(json.loads(dumps(verification))) == render(verification)
