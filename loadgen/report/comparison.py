"""Runs beside a baseline, as `loadgen compare` tells of them: terminal, Markdown, JSON. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table as Grid
from rich.text import Text

from loadgen.report import gfm
from loadgen.report.judgement import comparison, comparison_sentence
from loadgen.result import comparison_block

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from loadgen.consequence import BaselineResult
    from loadgen.measurement import Measurement

__all__ = ["SCHEMA", "dumps", "markdown", "terminal"]

SCHEMA = "loadgen.comparison/1"


def terminal(runs: Sequence[Measurement]) -> RenderableType:
    """For a terminal; one block a run.

    Args:
        runs: each with its baseline.
    """
    blocks = [part for run, found in _pairs(runs) for part in (_block(run, found), "")]
    return Group(*blocks[:-1])


def markdown(runs: Sequence[Measurement]) -> str:
    """GitHub's Markdown, with a final line break; one section a run."""
    lines = ["## 📊 Load Test Comparison"]
    for run, found in _pairs(runs):
        sentence = gfm.escape(comparison_sentence(found))
        lines += ["", f"### {gfm.escape(run.run.id)}", "", f"{sentence}.", ""]
        lines += gfm.drawn(comparison(found.comparison))
        lines += [f"- {text}" for text in _not_compared(found)]
    return "\n".join(lines) + "\n"


def dumps(runs: Sequence[Measurement]) -> str:
    """JSON, with a final line break: the `baseline` block of each run's result, and its id."""
    blocks = [{"current": run.run.id, **comparison_block(found)} for run, found in _pairs(runs)]
    text = json.dumps({"schema": SCHEMA, "comparisons": blocks}, indent=2, ensure_ascii=False)
    return f"{text}\n"


def _pairs(runs: Sequence[Measurement]) -> list[tuple[Measurement, BaselineResult]]:
    return [(run, run.baseline) for run in runs if run.baseline is not None]


def _block(run: Measurement, found: BaselineResult) -> RenderableType:
    shown = comparison(found.comparison)
    grid = Grid(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    grid.add_column("Endpoint, value", min_width=16)
    for title in ("baseline", "now", "change", "verdict"):
        grid.add_column(title, justify="right", no_wrap=True)
    for endpoint, value, *cells in shown.rows:
        grid.add_row(Text(f"{endpoint} {value}", no_wrap=True, overflow="ellipsis"), *cells)
    head = Text.assemble((run.run.id, "bold"), f"  {comparison_sentence(found)}.")
    return Group(head, grid, *[Text(text, style="dim") for text in _not_compared(found)])


def _not_compared(found: BaselineResult) -> list[str]:
    """Endpoints that only one of the two runs has."""
    both = (
        ("Only in the baseline", found.comparison.only_in_baseline),
        ("Only in this run", found.comparison.only_in_current),
    )
    return [f"{title}: {', '.join(names)}" for title, names in both if names]
