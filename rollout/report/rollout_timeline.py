"""A rollout in the terminal while it goes on: a line for each event, and one that moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.live import Live
from rich.text import Text

from loadgen.units import format_duration
from rollout.progressive.machine import Phase
from rollout.progressive.news import Changed, Did, Looked, News

if TYPE_CHECKING:
    from rich.console import Console

    from rollout.progressive.stage import Stage

__all__ = ["Timeline", "bar"]

WIDTH = 20
_STYLES = {
    Phase.PROMOTED: "bold green",
    Phase.ROLLED_BACK: "bold red",
    Phase.STUCK: "bold white on red",
    Phase.ROLLING_BACK: "red",
    Phase.PAUSED: "yellow",
    Phase.WAITING: "yellow",
}


class Timeline:
    """Prints news; on a terminal the second that is held moves in one last line.

    Args:
        console: where to.
        stages: of the rollout.
        now: the wall clock, in local time.
    """

    def __init__(
        self,
        console: Console,
        stages: Sequence[Stage],
        *,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._console = console
        self._stages = stages
        self._now = now
        self._live: Live | None = None

    def tell(self, news: News) -> None:
        """Shows one piece of news."""
        match news:
            case Changed():
                self._still()
                self._print(self._changed(news), _STYLES.get(news.state.phase, "bold"))
            case Did(succeeded=succeeded, text=text) if succeeded is not None:
                self._still()
                self._print(f"  {'✓' if succeeded else '✗'} {text}", "" if succeeded else "red")
            case Looked():
                self._move(news)
            case _:
                pass

    def close(self) -> None:
        """Takes the moving line away."""
        self._still()

    def _changed(self, news: Changed) -> str:
        state = news.state
        name = self._stages[state.stage].name
        who = "" if news.who == "policy" else f" [{news.who}]"
        waits = state.phase in {Phase.PAUSED, Phase.WAITING}
        hint = "; from another terminal: promote, resume or abort" if waits else ""
        return (
            f"{bar(state.weight_percent)} {state.phase}, {name} "
            f"({state.stage + 1} of {len(self._stages)}): {news.text}{who}{hint}"
        )

    def _move(self, news: Looked) -> None:
        if not self._console.is_terminal:
            return
        said = "; ".join(f"{each.judge}: {each.text}" for each in news.opinions)
        left = format_duration(round(max(0.0, news.duration_s - news.held_s)))
        line = Text(f"{bar(news.state.weight_percent)} {left} left  {said}", overflow="ellipsis")
        line.no_wrap = True
        if self._live is None:
            self._live = Live(line, console=self._console, transient=True, auto_refresh=False)
            self._live.start()
        self._live.update(line, refresh=True)

    def _still(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _print(self, text: str, style: str) -> None:
        line = f"{self._now():%H:%M:%S} {text}"
        self._console.print(line, style=style or None, markup=False, soft_wrap=True)


def bar(weight_percent: float) -> str:
    """The canary's part of traffic, drawn: "[###.................]   15 %"."""
    full = round(weight_percent / 100 * WIDTH)
    return f"[{'#' * full}{'.' * (WIDTH - full)}] {weight_percent:3g} %"
