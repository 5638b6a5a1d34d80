"""Which display a run gets: by what it writes to, and by what was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

from loadgen.display.live import LiveDisplay
from loadgen.display.plain import PlainDisplay
from loadgen.display.quiet import QuietDisplay

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console

    from loadgen.plan import Plan
    from loadgen.progress import Progress

__all__ = ["Display", "choose"]

SHORT_S = 20.0
"""A run shorter than this gets a line each second; a longer one every five."""


class Display(Protocol):
    """Shows how a run goes on. Entered before the run, left after it, updated once a second."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def update(self, progress: Progress) -> None:
        """Takes the newest state of the run."""


def choose(plan: Plan, *, console: Console, quiet: bool = False, plain: bool = False) -> Display:
    """The display for a run.

    Args:
        plan: what is run.
        console: where it is shown; a live display needs a terminal that can move its cursor.
        quiet: show nothing.
        plain: lines even on a terminal.
    """
    if quiet:
        return QuietDisplay()
    if plain or not console.is_terminal or console.is_dumb_terminal:
        return PlainDisplay(console.file, every_s=1.0 if plan.total_s < SHORT_S else 5.0)
    return LiveDisplay(console)
