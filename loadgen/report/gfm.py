"""Text and tables in GitHub's Markdown; what others wrote does not become markup in it. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loadgen.report.tables import Verbatim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.report.tables import Table

__all__ = ["drawn", "escape", "fenced"]

_SPECIAL = re.compile(r"([\\`*_<>\[\]|#~])")


def drawn(table: Table) -> list[str]:
    """A table's lines, its numbers set to the right; "None." without rows."""
    if not table.rows:
        return ["None."]
    rules = ["-" * (len(title) + 2) for title in table.head]
    if table.numbers_from is not None:
        right = slice(table.numbers_from, None)
        rules[right] = [f"{rule[:-1]}:" for rule in rules[right]]
    cells = [_row([_cell(text) for text in row]) for row in table.rows]
    return [_row(table.head), f"|{'|'.join(rules)}|", *cells]


def escape(text: str) -> str:
    """Any text as one line that shows what it says."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def fenced(lines: Sequence[str]) -> list[str]:
    """Lines as they are, in a fence that none of them ends."""
    runs = re.findall("`+", "\n".join(lines))
    fence = "`" * max(3, 1 + max(map(len, runs), default=0))
    return [f"{fence}text", *lines, fence]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return _code(text) if isinstance(text, Verbatim) else escape(text)


def _code(text: str) -> str:
    r"""A code span. Inside a table even there a pipe must be written \|."""
    line = " ".join(text.split())
    ticks = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (ticks + 1)
    pad = " " if ticks else ""
    return f"{fence}{pad}{line}{pad}{fence}".replace("|", r"\|")
