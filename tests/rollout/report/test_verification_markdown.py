"""The Markdown of a verification: the verdict, why, and a table for each thing that was seen."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from markdown_it import MarkdownIt

from rollout.canary.result import dumps
from rollout.canary.verification import Verification
from rollout.report.verification_markdown import render, render_result, section
from tests.rollout.report import verified


def test_the_verdict_and_why_stand_first() -> None:
    text = render(verified.full())
    order = [
        "## 🐤 Canary Verification Results", "**Timestamp:** 2026-11-24 20:13:51",
        "**Status:** ❌ FAILED", "**Auto-rollback Triggered:** Yes",
        "Rolled back by kubectl in 1.2 s.", "- Load test: P95 latency 338.3ms exceeds",
        "### Steps", "| Shadow | FAIL |", "### Shadow", "### Load Test",
        "| Total Requests | 1,000 |",
        "### Comparison", "| All | `p95` | worse | 45.4 ms | 60.0 ms | 1.32× | 1.29× to 1.36× |",
        "#### Comparing, 1m 15s. Generator VALID", "### Rollback", "Safe after 1.25 s.",
    ]  # fmt: skip
    at = 0
    for part in order:
        assert part in text[at:], f"{part!r} does not stand after what comes before it"
        at = text.index(part, at) + len(part)


def test_a_verification_that_passed_says_what_was_not_done() -> None:
    text = render(verified.passed())
    assert "**Status:** ✅ PASSED" in text
    assert "| Shadow | not done | – | no --shadow SOURCE was given |" in text
    assert "### Rollback" not in text


def test_the_deployment_report_gets_the_verdict_and_the_steps() -> None:
    text = section(verified.full())
    assert text.startswith("## 🐤 Canary Verification Results\n")
    assert "### Steps" in text
    assert "### Comparison" not in text


@pytest.mark.parametrize("build", [verified.full, verified.passed, verified.uncompared])
def test_every_table_is_one(build: Callable[[], Verification]) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(render(build()))
    widths = [0]
    for token in tokens:
        if token.type == "tr_open":
            widths.append(0)
        widths[-1] += token.type in {"th_open", "td_open"}
    assert min(widths[1:]) >= 2


def test_no_name_can_write_markup() -> None:
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(render(verified.evil()))
    assert "<script" not in html
    assert "<!--" not in html


def test_a_result_that_was_kept_gives_the_same_report() -> None:
    verification = verified.full()
    assert render_result(json.loads(dumps(verification))) == render(verification)
