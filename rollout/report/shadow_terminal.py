"""The summary after a shadow test, for a terminal: the verdict first, what differs below. Pure.

Colour only repeats what the words say, so the summary reads the same without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from loadgen.report.numbers import count
from rollout.report import shadow_tables as tables
from slo.canary import CanaryVerdict

if TYPE_CHECKING:
    from rich.console import RenderableType

    from loadgen.report.tables import Table
    from rollout.shadow.result import ShadowResult

__all__ = ["render"]

_STYLES = {
    CanaryVerdict.PASS: "bold green",
    CanaryVerdict.FAIL: "bold red",
    CanaryVerdict.INCONCLUSIVE: "bold yellow",
    CanaryVerdict.INVALID: "bold red",
}
MOST_ROWS = 10


def render(result: ShadowResult) -> RenderableType:
    """The summary of a shadow test, for 80 columns and more."""
    blocks: list[RenderableType] = [
        Text.assemble(
            (f"Shadow test {result.verdict}", _STYLES[result.verdict]),
            f"  {result.sides.canary} beside {result.sides.production}",
        ),
        *(Text(f"  {reason}") for reason in result.reasons),
        Text(),
        _grid(tables.differences(result), "Nothing differs." if result.pairs else ""),
    ]
    shown = tables.examples(result)
    if shown.rows:
        blocks += [Text(), Text("Examples", style="bold"), _grid(shown)]
    blocks += [Text(), Text(_accounted(result), style="dim")]
    blocks += [Text(f"  {line}", style="dim") for line in (*result.unreadable, *result.notes)]
    return Padding(Group(*blocks), (1, 1))


def _grid(table: Table, empty: str = "") -> RenderableType:
    if not table.rows:
        return Text(empty)
    grid = Grid(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for index, title in enumerate(table.head):
        is_number = table.numbers_from is not None and index >= table.numbers_from
        grid.add_column(title, justify="right" if is_number else "left", overflow="fold")
    for row in table.rows[:MOST_ROWS]:
        grid.add_row(*(Text(str(cell)) for cell in row))
    if len(table.rows) > MOST_ROWS:
        more = Text(f"… {len(table.rows) - MOST_ROWS} more in the reports", style="dim")
        return Group(grid, more)
    return grid


def _accounted(result: ShadowResult) -> str:
    """Every request, and what became of it."""
    lost = "".join(f" + {count(n)} {reason}" for reason, n in result.not_compared.items())
    requests = "request" if result.seen == 1 else "requests"
    return f"{count(result.seen)} {requests} = {count(result.pairs)} compared{lost}"
