"""The live picture of a run, drawn from its progress and the last minute's rates. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from loadgen.progress import RunPhase
from loadgen.report.judgement import score
from loadgen.report.numbers import NOTHING, clock, count, decimal, duration, percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from loadgen.progress import Progress
    from slo.verdict import Judgement

__all__ = ["HISTORY_S", "draw", "rate_rps", "sparkline"]

HISTORY_S = 60
"""Seconds of history that are drawn."""
_BLOCKS = "▁▂▃▄▅▆▇█"
_LABEL_WIDTH = 11
_RATE_WIDTH = 16
_MOST_ERRORS = 5


def rate_rps(progress: Progress) -> int | None:
    """Requests that ended in the last second; None before the first second."""
    second = progress.second
    return None if second is None else second.succeeded + second.failed


def sparkline(values: Sequence[float], width: int) -> str:
    """The last `width` values as blocks, from zero to the largest of them."""
    shown = values[-width:] if width > 0 else ()
    top = max(shown, default=0)
    if top <= 0:
        return _BLOCKS[0] * len(shown)
    return "".join(_BLOCKS[min(7, int(8 * value / top))] for value in shown)


def draw(progress: Progress | None, rates_rps: Sequence[float], width: int) -> RenderableType:
    """The picture of one instant.

    Args:
        progress: the newest; None before the first.
        rates_rps: requests per second of the last seconds, the newest last.
        width: columns of the terminal.
    """
    if progress is None:
        return Text("starting workers", style="dim")
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", width=_LABEL_WIDTH, no_wrap=True)
    grid.add_column()
    grid.add_row("Rate", _rate(progress, rates_rps, width))
    grid.add_row("Requests", _requests(progress))
    grid.add_row("Errors", _errors(progress.errors))
    grid.add_row("Generator", _generator(progress))
    if progress.judgement is not None:
        grid.add_row("Objectives", _objectives(progress.judgement))
    return Group("", _bar(progress, width), "", grid, "", _times(progress))


def _bar(progress: Progress, width: int) -> RenderableType:
    left_s = progress.total_s - progress.elapsed_s
    left = f"{clock(left_s)} left" if progress.phase is not RunPhase.DRAINING else "last answers"
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=_LABEL_WIDTH, no_wrap=True)
    grid.add_column()
    grid.add_column(no_wrap=True, justify="right")
    bar = ProgressBar(
        total=max(progress.total_s, 1e-9),
        completed=progress.elapsed_s,
        width=max(4, min(HISTORY_S, width - _LABEL_WIDTH - 30)),
        complete_style="cyan",
        finished_style="cyan",
    )
    of = f"{clock(progress.elapsed_s)} of {clock(progress.total_s)}"
    grid.add_row(Text(str(progress.phase), style="bold"), bar, f"{of}, {left}")
    return grid


def _rate(progress: Progress, rates_rps: Sequence[float], width: int) -> Text:
    now = rate_rps(progress)
    offered = "" if progress.offered_rps is None else f"  offered {decimal(progress.offered_rps)}"
    room = width - _LABEL_WIDTH - _RATE_WIDTH - len(offered) - 4
    return Text.assemble(
        (f"{NOTHING if now is None else count(now)} req/s".ljust(_RATE_WIDTH), "bold"),
        (sparkline(rates_rps, min(HISTORY_S, room)), "cyan"),
        (offered, "dim"),
    )


def _requests(progress: Progress) -> Text:
    finished = progress.succeeded + progress.failed
    failed = percent(100 * progress.failed / finished) if finished else NOTHING
    people = f", {count(progress.users)} users" if progress.users else ""
    return Text(
        f"{count(progress.sent)} sent, {count(progress.failed)} failed ({failed} %), "
        f"{count(progress.in_flight)} in flight{people}"
    )


def _errors(errors: Mapping[str, int]) -> Text:
    """The largest classes of failures, the most first."""
    seen = sorted(
        ((n, name) for name, n in errors.items() if n), key=lambda pair: (-pair[0], pair[1])
    )
    if not seen:
        return Text("none", style="dim")
    parts = [f"{name} {count(n)}" for n, name in seen[:_MOST_ERRORS]]
    if len(seen) > _MOST_ERRORS:
        parts.append(f"{len(seen) - _MOST_ERRORS} more")
    return Text(", ".join(parts))


def _generator(progress: Progress) -> Text:
    cpu = progress.worker_cpu_percent
    used = f"{max(cpu):.0f} %" if cpu else NOTHING
    of = f" (busiest of {len(cpu)})" if len(cpu) > 1 else ""
    return Text(f"own lag p99 {duration(progress.own_lag_p99_ms)}, worker CPU {used}{of}")


def _objectives(judgement: Judgement) -> Text:
    """How many hold so far, and the first that does not."""
    violated = f": {judgement.violations[0]}" if judgement.violations else ""
    return Text(f"{score(judgement)}{violated}")


def _times(progress: Progress) -> RenderableType:
    second = progress.second
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("", style="dim", width=_LABEL_WIDTH, no_wrap=True)
    for title in ("p50", "p95", "p99", "max"):
        table.add_column(title, justify="right", min_width=8, no_wrap=True)
    last = (second.p50_ms, second.p95_ms, second.p99_ms, second.max_ms) if second else (None,) * 4
    run = (progress.p50_ms, progress.p95_ms, progress.p99_ms, progress.max_ms)
    table.add_row("Last second", *map(duration, last))
    table.add_row("Whole run", *map(duration, run))
    return table
