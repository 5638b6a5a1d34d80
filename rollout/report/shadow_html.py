"""The HTML report of a shadow test: one file that needs no other. Pure."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from loadgen.report.html import headline
from loadgen.report.html.markup import element
from loadgen.report.html.page import page
from rollout.report.found import LOOKS
from rollout.report.shadow_section import section

if TYPE_CHECKING:
    from rollout.shadow.result import ShadowResult

__all__ = ["render"]


def render(result: ShadowResult) -> str:
    """The page of a shadow test.

    Returns:
        HTML (the living standard), UTF-8 when written.
    """
    sides = result.sides
    above = f"Shadow test, {result.started_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC, {result.source}"
    sections = [
        headline.heading(above, sides.canary),
        headline.status_line(result.verdict.value, LOOKS[result.verdict]),
        headline.sentences((*result.reasons, *result.notes)),
        element("h2", "Canary beside production"),
        section(result),
    ]
    return page(f"{result.verdict}: shadow test of {sides.canary}", sections, [])
