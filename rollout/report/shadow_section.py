"""The part of a page about a shadow test: what differs, where, with examples. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.report.html import headline
from loadgen.report.html.headline import Figure
from loadgen.report.html.markup import Html, drawn, element, join
from loadgen.report.numbers import NOTHING, clock, count, percent
from rollout.report import shadow_tables as tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.report.tables import Table
    from rollout.shadow.result import ShadowResult

__all__ = ["key_figures", "section"]


def key_figures(result: ShadowResult) -> Html:
    """The five numbers of a shadow test."""
    ratio = result.mismatch_ratio
    fields = sum(f.finding == "differs" for each in result.endpoints for f in each.fields)
    return headline.figures(
        [
            Figure(
                name="Mismatch rate",
                value=NOTHING if ratio is None else percent(100 * ratio),
                unit="" if ratio is None else "%",
                made_of=f"{percent(100 * result.max_mismatch_ratio)} % is accepted",
            ),
            _counted("Pairs", result.pairs, f"of {count(result.seen)} requests"),
            _counted("Differ", result.mismatched, "pairs, proven"),
            _counted("Unproven", result.unproven, "pairs that differ too seldom"),
            _counted("Fields", fields, f"that differ, in {clock(result.duration_s)}"),
        ]
    )


def section(result: ShadowResult) -> Html:
    """Everything about it below its heading."""
    return join(
        [
            key_figures(result),
            _shown("Differences by endpoint and path", tables.differences(result)),
            _shown("Examples, with secrets struck out", tables.examples(result)),
            _shown("Service times of both sides", tables.service_times(result)),
            _shown("Requests that were not compared", tables.not_compared(result)),
            _unreadable(result.unreadable),
            _shown("What was compared", tables.what_was_compared(result)),
        ]
    )


def _counted(name: str, n: int, made_of: str) -> Figure:
    return Figure(name=name, value=count(n), unit="", made_of=made_of)


def _unreadable(lines: Sequence[str]) -> Html:
    if not lines:
        return Html()
    shown = element("pre", element("code", "\n".join(lines)), tabindex=0)
    return join([element("h3", "First lines that could not be read"), shown])


def _shown(title: str, table: Table) -> Html:
    if not table.rows:
        return Html()
    return join([element("h3", title), drawn(table, title, quiet=True)])
