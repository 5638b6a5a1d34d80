"""The live display on a terminal: redrawn once a second, gone when the run is over."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Self

from rich.live import Live

from loadgen.display.panel import HISTORY_S, draw, rate_rps

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console, RenderableType

    from loadgen.progress import Progress

__all__ = ["LiveDisplay"]


class LiveDisplay:
    """Shows a run's progress in place.

    It draws only when it is updated (once a second, in the coordinator), so that it costs
    the workers nothing; the summary takes its place when the run is over.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress: Progress | None = None
        self._rates_rps: deque[float] = deque(maxlen=HISTORY_S)
        self._live = Live(
            console=console, auto_refresh=False, transient=True, get_renderable=self._picture
        )

    def __enter__(self) -> Self:
        self._live.start(refresh=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def update(self, progress: Progress) -> None:
        """Shows the newest state of the run.

        Args:
            progress: one a second; one that repeats its second does not count twice.
        """
        newer = self._progress is None or progress.second is not self._progress.second
        now_rps = rate_rps(progress)
        if newer and now_rps is not None:
            self._rates_rps.append(now_rps)
        self._progress = progress
        self._live.refresh()

    def _picture(self) -> RenderableType:
        return draw(self._progress, tuple(self._rates_rps), self._console.width)
