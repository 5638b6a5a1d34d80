"""The Markdown report of a shadow test. Pure."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from loadgen.report import gfm
from rollout.report import shadow_tables as tables
from slo.canary import CanaryVerdict

if TYPE_CHECKING:
    from rollout.shadow.result import ShadowResult

__all__ = ["render"]

_STATUS = {
    CanaryVerdict.PASS: "✅ PASSED",
    CanaryVerdict.FAIL: "❌ FAILED",
    CanaryVerdict.INCONCLUSIVE: "⚠️ INCONCLUSIVE",
    CanaryVerdict.INVALID: "⚠️ INVALID",
}


def render(result: ShadowResult) -> str:
    """The report of a shadow test.

    Returns:
        Markdown (GitHub's) with a final line break. Times are UTC.
    """
    parts = [
        [
            "## 👥 Shadow Test Results",
            "",
            f"**Timestamp:** {result.started_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}  ",
            f"**Status:** {_STATUS[result.verdict]}  ",
            f"**Mismatch Rate:** {tables.mismatch(result)}  ",
        ],
        _listed(result.reasons),
        ["### What Was Compared", "", *gfm.drawn(tables.what_was_compared(result))],
        ["### Differences", "", *gfm.drawn(tables.differences(result))],
        ["### Examples", "", *gfm.drawn(tables.examples(result))],
        ["### Service Times", "", *gfm.drawn(tables.service_times(result))],
        ["### Not Compared", "", *gfm.drawn(tables.not_compared(result))],
        _unreadable(result),
        _notes(result),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _listed(sentences: tuple[str, ...]) -> list[str]:
    return [f"- {gfm.escape(sentence)}" for sentence in sentences]


def _unreadable(result: ShadowResult) -> list[str]:
    if not result.unreadable:
        return []
    return ["First lines that could not be read:", "", *gfm.fenced(result.unreadable)]


def _notes(result: ShadowResult) -> list[str]:
    return ["### Notes", "", *_listed(result.notes)] if result.notes else []
