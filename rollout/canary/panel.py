"""A comparison while it goes on: a line for logs, a picture for terminals. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from loadgen.report.numbers import clock, count, duration, percent
from rollout.canary.second import WINDOW_S, ComparisonPhase

if TYPE_CHECKING:
    from rich.console import RenderableType

    from rollout.canary.comparison import ComparisonProgress
    from rollout.canary.second import ArmSecond
    from slo.canary import CanaryJudgement
    from slo.detector import Look

__all__ = ["draw", "line", "nearest", "words"]

_LABEL_WIDTH = 14
_BAR_WIDTH = 60


def words(look: Look) -> str:
    """What a detector looks at: "p95 of /api/search, relative"."""
    of = "" if look.scope is None or look.scope in look.subject else f" of {look.scope}"
    return f"{look.subject}{of}, {look.detector}"


def nearest(judgement: CanaryJudgement) -> tuple[float, Look] | None:
    """The detector that is nearest to a proof, and how far it is: 0 is nothing, 1 is a proof."""
    parts = [(each.log_evidence / each.needed, each.look) for each in judgement.evidence]
    return max(parts, key=lambda part: part[0], default=None)


def line(progress: ComparisonProgress) -> str:
    """One line for a log: both sides, the baseline first."""
    second = progress.second
    one, other = second.baseline, second.canary
    times = (
        ("p50", one.p50_ms, other.p50_ms),
        ("p95", one.p95_ms, other.p95_ms),
        ("p99", one.p99_ms, other.p99_ms),
    )
    parts = [
        f"{clock(progress.elapsed_s):>7} of {clock(progress.total_s)}  {second.phase:<11}",
        *(f"{name} {duration(before)} | {duration(now)}" for name, before, now in times),
        f"errors {_errors(one)} | {_errors(other)}",
    ]
    if progress.judgement is not None:
        parts.append(f"evidence {_evidence(progress.judgement)}")
    return "  ".join(parts)


def draw(progress: ComparisonProgress | None, width: int) -> RenderableType:
    """The picture of one instant.

    Args:
        progress: the newest; None before the first.
        width: columns of the terminal.
    """
    if progress is None:
        return Text("starting workers", style="dim")
    facts = _grid()
    if progress.judgement is None:
        facts.add_row("Evidence", Text("none yet: the baseline against itself", style="dim"))
    else:
        facts.add_row("Evidence", _evidence(progress.judgement))
        facts.add_row("Verdict so far", str(progress.judgement.verdict))
    return Group("", _bar(progress, width), "", _sides(progress), "", facts)


def _bar(progress: ComparisonProgress, width: int) -> RenderableType:
    left_s = max(0.0, progress.total_s - progress.elapsed_s)
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=_LABEL_WIDTH, no_wrap=True)
    grid.add_column()
    grid.add_column(no_wrap=True, justify="right")
    bar = ProgressBar(
        total=max(progress.total_s, 1e-9),
        completed=progress.elapsed_s,
        width=max(4, min(_BAR_WIDTH, width - _LABEL_WIDTH - 30)),
        complete_style="cyan",
        finished_style="cyan",
    )
    of = f"{clock(progress.elapsed_s)} of {clock(progress.total_s)}, {clock(left_s)} left"
    grid.add_row(Text(str(progress.second.phase), style="bold"), bar, of)
    return grid


def _sides(progress: ComparisonProgress) -> RenderableType:
    second = progress.second
    other = "baseline again" if second.phase is ComparisonPhase.CALIBRATING else "canary"
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column(f"Last {WINDOW_S} s", style="dim", width=_LABEL_WIDTH, no_wrap=True)
    for title in ("p50", "p95", "p99", "errors", "requests/s"):
        table.add_column(title, justify="right", min_width=8, no_wrap=True)
    for name, arm in (("baseline", second.baseline), (other, second.canary)):
        times = map(duration, (arm.p50_ms, arm.p95_ms, arm.p99_ms))
        table.add_row(name, *times, _errors(arm), count(arm.finished))
    return table


def _errors(arm: ArmSecond) -> str:
    return f"{percent(arm.error_percent)} %"


def _evidence(judgement: CanaryJudgement) -> str:
    found = nearest(judgement)
    if found is None or found[0] <= 0:
        return "none"
    part, look = found
    return f"{100 * part:.0f} % of a proof ({words(look)})"


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", width=_LABEL_WIDTH, no_wrap=True)
    grid.add_column()
    return grid
