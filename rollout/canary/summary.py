"""A verification that is over, for a terminal: the verdict and why, then each step. Pure.

Colour only repeats what the words say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from loadgen.report import terminal
from loadgen.report.numbers import NOTHING, clock, count, duration, percent
from rollout.canary.display import VERDICT_STYLES
from slo.canary import CanaryVerdict
from slo.metric import Phase, Unit
from slo.policy import OnInconclusive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from rollout.canary.comparison import ComparisonResult, ComparisonRun
    from rollout.canary.verification import Step, Verification
    from slo.effect import Effect
    from slo.sample import Counts

__all__ = ["render", "what_follows"]

MOST_NOTES = 5
_BORDERS = {
    CanaryVerdict.PASS: "green",
    CanaryVerdict.FAIL: "red",
    CanaryVerdict.INCONCLUSIVE: "yellow",
    CanaryVerdict.INVALID: "yellow",
}


def render(verification: Verification) -> RenderableType:
    """The whole verification, for 60 columns and more."""
    v = verification
    blocks: list[RenderableType] = []
    if v.load_test:
        blocks.append(Group(Text("Load test", style="bold"), terminal.render(v.load_test)))
    if v.comparison:
        blocks += [_comparison(v.comparison), ""]
    blocks.append(_panel(v))
    return Padding(Group(*blocks), (1, 0, 0, 0))


def what_follows(verification: Verification) -> str:
    """What the verdict means for the canary, a sentence."""
    v = verification
    if v.rollback is not None and (v.rejected or v.rollback.ordered):
        return f"{v.rollback.text}."
    match v.verdict:
        case CanaryVerdict.PASS:
            return "The canary may go on."
        case CanaryVerdict.FAIL:
            return "The canary is rejected; nothing was rolled back, as there is no command for it."
        case CanaryVerdict.INVALID:
            return "Nothing is known of the canary, and nothing was rolled back."
        case CanaryVerdict.INCONCLUSIVE:
            return _UNDECIDED[v.on_inconclusive] if not v.interrupted else _BY_HAND


_BY_HAND = "It was ended by hand before anything was proven."
_UNDECIDED = {
    OnInconclusive.EXTEND: "Nothing was proven in the longest time that was allowed either.",
    OnInconclusive.PAUSE: "Nothing is proven: whoever decides has more to look at than this.",
    OnInconclusive.PROMOTE: "Nothing is proven; the canary may go on (--on-inconclusive promote).",
    OnInconclusive.FAIL: "Nothing is proven; the canary is rejected (--on-inconclusive fail).",
}


def _panel(v: Verification) -> RenderableType:
    """The last thing on the screen: verdict, reasons, steps, what follows."""
    steps = Table.grid(padding=(0, 2, 0, 0))
    for step in v.steps:
        steps.add_row(Text(step.name.capitalize(), style="dim"), _outcome(step), _length(step))
    reasons = [Text(f"- {reason.text}") for reason in v.reasons]
    notes = [each for step in v.steps for each in step.notes][:MOST_NOTES]
    asides = [Text(f"- {note.text}", style="dim") for note in notes]
    warnings = [Text(f"Warning: {text}", style="yellow") for text in v.warnings]
    failure = [Text(v.failure)] if v.failure else []
    return Panel(
        Group(steps, "", *failure, *reasons, *asides, *warnings, "", Text(what_follows(v))),
        title=Text(f"Canary {v.verdict}", style=VERDICT_STYLES[v.verdict]),
        title_align="left",
        border_style=_BORDERS[v.verdict],
        padding=(1, 2),
    )


def _outcome(step: Step) -> Text:
    if step.verdict is None:
        return Text("not done", style="dim")
    return Text(str(step.verdict), style=VERDICT_STYLES[step.verdict])


def _length(step: Step) -> Text:
    return Text(step.skipped if step.verdict is None else clock(step.seconds), style="dim")


def _comparison(result: ComparisonResult) -> RenderableType:
    title = Text.assemble(
        ("Comparison", "bold"),
        (f"  {result.options.canary_url} with {result.options.baseline_url}", "dim"),
    )
    return Group(title, "", *map(_run, result.runs), *_effects(result))


def _run(run: ComparisonRun) -> RenderableType:
    """Both sides of one run."""
    table = _table(f"{run.phase.capitalize()}, {clock(run.seconds)}")
    for name in ("requests", "errors", "p50", "p95", "p99"):
        table.add_column(name, justify="right", no_wrap=True)
    second = "baseline again" if run.canary_is_baseline else "canary"
    for name, counts in (("baseline", run.baseline), (second, run.canary)):
        table.add_row(name, *_counts(counts))
    doubts = [Text(f"! {text}", style="yellow") for text in run.health.reasons]
    title = [Text("About the generator", style="dim")] if doubts else []
    return Group(table, *title, *doubts, "")


def _counts(counts: Counts) -> Sequence[str]:
    times = counts.time(Phase.LATENCY)
    share = 100 * counts.failed / counts.finished if counts.finished else None
    return (
        count(counts.finished),
        f"{percent(share)} %",
        *map(duration, (times.p50_ms, times.p95_ms, times.p99_ms)),
    )


def _effects(result: ComparisonResult) -> Sequence[RenderableType]:
    """How much worse, of what is worse beyond the margin; else of everything together."""
    worse = [(look, size) for look, size in result.effects.items() if size.worse]
    whole = [(look, size) for look, size in result.effects.items() if look.scope is None]
    shown = [pair for pair in worse or whole if pair[1].baseline is not None]
    if not shown or result.judgement.verdict is CanaryVerdict.INVALID:
        return ()
    table = _table("Canary / baseline")
    for name in ("baseline", "canary", "change", "95 % interval"):
        table.add_column(name, justify="right", no_wrap=True)
    for look, size in shown:
        where = "" if look.scope is None else f"{look.scope} "
        table.add_row(Text(f"{where}{look.subject}"), *_size(size))
    return (table,)


def _size(size: Effect) -> Sequence[str]:
    before, after, range_ = size.baseline, size.canary, size.interval
    change = between = NOTHING
    if size.unit is Unit.MS:
        if size.ratio is not None:
            change = f"{size.ratio:.2f}×"
        if range_ is not None:
            between = f"{range_.low:.2f}× to {range_.high:.2f}×"
        return (duration(before), duration(after), change, between)
    if before is not None and after is not None:
        change = f"{after - before:+.2f}"
    if range_ is not None:
        between = f"{range_.low:+.2f} to {range_.high:+.2f} points"
    return (_share(before), _share(after), change, between)


def _share(value_percent: float | None) -> str:
    return NOTHING if value_percent is None else f"{value_percent:.2f} %"


def _table(title: str) -> Table:
    """Columns without lines; the first gives way to the others, as numbers must not be cut."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column(title, min_width=16, overflow="ellipsis")
    return table
