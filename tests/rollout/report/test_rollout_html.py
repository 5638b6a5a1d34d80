"""A rollout's page as text: what stands in it and in which order, and that it is inert."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from rollout.progressive.account import Account
from rollout.progressive.result import dumps
from rollout.report.rollout_html import render, render_result
from tests.rollout.report import rolled
from tests.strict_html import Page, policy_hashes


@pytest.mark.parametrize("build", [rolled.rolled_back, rolled.unproven])
def test_every_element_is_closed_and_every_id_and_label_is_one(
    build: Callable[[], Account],
) -> None:
    page = Page(render(build()))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    labels = [each["aria-label"] for each in page.attributes("div") if each.get("aria-label")]
    assert len(ids) == len(set(ids))
    assert len(labels) == len(set(labels))


def test_what_decides_stands_first() -> None:
    words = " ".join(Page(render(rolled.rolled_back())).words)
    order = [
        "Rollout, 2026-11-25 10:30 UTC, namespace production", "shop", "FAIL", "Rolled back.",
        "Canary's traffic", "0", "Stages passed", "1", "of 3", "reached 25% Traffic",
        "Time to safe", "0.80", "Over time", "The canary's part of live traffic",
        "Evidence that the canary is worse", "Response time", "Errors",
        "Queries, in percent of their limits",
        "Stages", "5% Traffic", "PASS", "25% Traffic", "FAIL", "100% Traffic", "not reached",
        "Split: 4.9 % of 1,220 requests, expected 5 %.", "probe", "Rollback", "Audit",
        "Rollout of shop begun", "version 2",
    ]  # fmt: skip
    at = 0
    for text in order:
        assert text in words[at:], f"{text!r} does not stand after what comes before it"
        at = words.index(text, at) + len(text)


def test_a_rollout_that_measured_nothing_still_has_its_weight_and_its_reason() -> None:
    page = Page(render(rolled.unproven()))
    assert [each["id"] for each in page.attributes("figure")] == ["weight"]
    words = " ".join(page.words)
    assert "INCONCLUSIVE" in words
    assert "The split could not be proven in 30 s" in words


def test_nothing_is_loaded_and_nothing_runs_but_what_the_policy_names() -> None:
    text = render(rolled.rolled_back())
    page = Page(text)
    policies = [each["content"] or "" for each in page.attributes("meta") if "http-equiv" in each]
    assert all(name in policies[0] for name in policy_hashes(text))
    assert not any("src" in attributes or "style" in attributes for _, attributes in page.tags)


def test_no_name_can_write_markup() -> None:
    page = Page(render(rolled.evil()))
    assert len(page.attributes("script")) == 3
    assert not any("alert" in source for source in page.raw["script"] if source[0] != "[")
    assert "".join(page.words).count("alert(1)") >= 4


def test_a_result_that_was_kept_gives_the_same_page() -> None:
    account = rolled.rolled_back()
    assert render_result(json.loads(dumps(account))) == render(account)
