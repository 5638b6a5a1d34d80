"""The Markdown report of a shadow test."""

from __future__ import annotations

import pytest

from rollout.report.shadow_markdown import render
from rollout.shadow.result import ShadowResult
from tests.rollout.shadow.samples import empty_result, failed_result, noisy_result


def test_what_decides_stands_first() -> None:
    lines = render(failed_result()).splitlines()
    assert lines[0] == "## 👥 Shadow Test Results"
    assert lines[2:5] == [
        "**Timestamp:** 2026-11-25 10:30:00  ",
        "**Status:** ❌ FAILED  ",
        "**Mismatch Rate:** 10.1 % (8.37 % to 12.1 %)  ",
    ]
    assert lines[6].startswith("- 10.1 % of 1,001 pairs differ")
    assert '| `GET /orders/0?token=***` | `json $.items[*].price` | `1.5` | `"1.5"` |' in lines
    assert "what | is this" in lines


@pytest.mark.parametrize("result", [failed_result(), noisy_result(), empty_result()])
def test_every_report_has_its_sections(result: ShadowResult) -> None:
    text = render(result)
    sections = [line for line in text.splitlines() if line.startswith("### ")]
    assert sections[:5] == [
        "### What Was Compared",
        "### Differences",
        "### Examples",
        "### Service Times",
        "### Not Compared",
    ]
    assert text.endswith("\n")
    assert "\n\n\n" not in text


def test_what_others_wrote_is_no_markup() -> None:
    text = render(failed_result())
    assert "`GET /users\\|*`" in text
    assert "GET /users\\|\\*: answer" in text
