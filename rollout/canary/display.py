"""Shows a verification while it goes on: each step with the display that fits it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.live import Live

from loadgen import display
from loadgen.report.numbers import clock, count
from rollout.canary.panel import draw, line
from rollout.canary.verification import StepName
from slo.canary import CanaryVerdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console, RenderableType

    from loadgen.display import Display
    from loadgen.measurement import Measurement
    from loadgen.plan import Plan
    from loadgen.progress import Progress
    from rollout.canary.comparison import ComparisonProgress
    from rollout.canary.verification import Step
    from rollout.shadow.recorded.session import Progress as ShadowProgress

__all__ = ["VERDICT_STYLES", "ConsoleAudience"]

VERDICT_STYLES = {
    CanaryVerdict.PASS: "bold green",
    CanaryVerdict.FAIL: "bold red",
    CanaryVerdict.INCONCLUSIVE: "bold yellow",
    CanaryVerdict.INVALID: "bold yellow",
}
SHORT_S = 20.0
EVERY_S = 5.0
"""Between two lines; a comparison shorter than SHORT_S gets one each second."""


class ConsoleAudience:
    """Tells people at a console, or those who read its log.

    Args:
        plan: of the load test.
        console: where it is shown.
        quiet: show nothing.
        plain: lines even on a terminal.
        on_interim: is given the load test so far.
    """

    def __init__(
        self,
        plan: Plan,
        console: Console,
        *,
        quiet: bool = False,
        plain: bool = False,
        on_interim: Callable[[Measurement], None] | None = None,
    ) -> None:
        self._plan = plan
        self._console = console
        self._quiet = quiet
        self._plain = plain or not console.is_terminal or console.is_dumb_terminal
        self._on_interim = on_interim
        self._load: Display | None = None
        self._live: Live | None = None
        self._progress: ComparisonProgress | None = None
        self._next_s = 0.0

    def warned(self, warnings: Sequence[str]) -> None:
        """Says what makes the verdict worth less."""
        for text in warnings:
            self._say(f"Warning: {text}")

    def begins(self, step: StepName) -> None:
        """Opens the display of a step."""
        self._next_s = 0.0
        self._say(f"Step {list(StepName).index(step) + 1} of {len(StepName)}: {step}")
        if step is StepName.LOAD_TEST:
            self._load = display.choose(
                self._plan, console=self._console, quiet=self._quiet, plain=self._plain
            )
            self._load.__enter__()
        elif step is StepName.COMPARISON and not (self._quiet or self._plain):
            self._live = Live(
                console=self._console,
                auto_refresh=False,
                transient=True,
                get_renderable=self._picture,
            )
            self._live.start(refresh=True)

    def shadowed(self, progress: ShadowProgress) -> None:
        """Shows how far the replay is, every few seconds."""
        if progress.seconds + 0.1 >= self._next_s:
            self._next_s = progress.seconds + 0.1 + EVERY_S
            self._say(
                f"{clock(progress.seconds):>7}  replaying  {count(progress.seen)} requests, "
                f"{count(progress.pairs)} compared"
            )

    def load(self, progress: Progress) -> None:
        """Shows the load test."""
        if self._load is not None:
            self._load.update(progress)

    def interim(self, measurement: Measurement) -> None:
        """Hands on the load test so far."""
        if self._on_interim is not None:
            self._on_interim(measurement)

    def compared(self, progress: ComparisonProgress) -> None:
        """Shows the comparison."""
        before, self._progress = self._progress, progress
        if self._live is not None:
            self._live.refresh()
            return
        new_phase = before is None or before.second.phase is not progress.second.phase
        if new_phase or progress.elapsed_s + 0.1 >= self._next_s:
            every_s = 1.0 if progress.total_s < SHORT_S else EVERY_S
            self._next_s = ((progress.elapsed_s + 0.1) // every_s + 1) * every_s
            self._say(line(progress))

    def ends(self, step: Step) -> None:
        """Closes the display of a step and says what came of it."""
        self.close()
        if step.verdict is None:
            self._say(f"Not done: {step.name}; {step.skipped}")
            return
        self._say(f"{step.name.capitalize()}: {step.verdict} after {clock(step.seconds)}")

    def close(self) -> None:
        """Leaves the terminal as it was, also after an error."""
        if self._load is not None:
            self._load.__exit__(None, None, None)
            self._load = None
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _picture(self) -> RenderableType:
        return draw(self._progress, self._console.width)

    def _say(self, text: str) -> None:
        if not self._quiet:
            self._console.print(text, markup=False, soft_wrap=True)
