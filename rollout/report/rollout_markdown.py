"""A rollout in Markdown: for people, and for the deployment report. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.report import gfm
from loadgen.report.tables import Table
from loadgen.units import format_duration
from rollout.progressive.entry import Kind
from slo.canary import CanaryVerdict

if TYPE_CHECKING:
    from rollout.progressive.account import Account, StageAccount

__all__ = ["render", "section"]

_MARKS = {CanaryVerdict.PASS: "✅", CanaryVerdict.FAIL: "❌"}
_STATUS = {CanaryVerdict.PASS: "PASSED", CanaryVerdict.FAIL: "FAILED"}
UNDECIDED = "⚠️"


def render(account: Account) -> str:
    """The whole report.

    Returns:
        Markdown (GitHub's) with a final line break. Times are UTC.
    """
    return "\n".join([*_head(account), "", *_judged(account), *_audit(account)]) + "\n"


def section(account: Account) -> str:
    """What the deployment report gets of a rollout.

    Returns:
        As `render`.
    """
    return "\n".join(_head(account)) + "\n"


def _head(account: Account) -> list[str]:
    rollout, rollback = account.record.rollout, account.rollback
    mark = _MARKS.get(account.verdict, UNDECIDED)
    status = _STATUS.get(account.verdict, "INCONCLUSIVE")
    lines = [
        "## 🚀 Progressive Rollout Results",
        "",
        f"**Timestamp:** {_time(rollout.begun_at)}  ",
        f"**Deployment:** {gfm.escape(rollout.deployment)}{_namespace(rollout.namespace)}  ",
        f"**Status:** {mark} {status} ({account.state.phase})  ",
        f"**Rolled Back:** {'Yes' if rollback.ordered else 'No'}  ",
        f"**By:** {gfm.escape(': '.join(filter(None, (rollout.who, rollout.why))))}  ",
        "",
        f"{gfm.escape(account.reason)}.",
        "",
        "### Rollout Stages",
        "",
        *gfm.drawn(
            Table(
                head=("Stage", "Traffic %", "Duration", "Verdict", "Began"),
                rows=tuple(_row(stage) for stage in account.stages),
            )
        ),
    ]
    if rollback.ordered and rollback.text:
        lines += ["", "### Rollback", "", f"{gfm.escape(rollback.text)}."]
    return lines


def _row(stage: StageAccount) -> tuple[str, ...]:
    return (
        stage.name,
        f"{stage.percentage:g}%",
        format_duration(stage.duration_s),
        stage.verdict.value if stage.verdict else "-",
        _time(stage.began_at) if stage.began_at else "-",
    )


def _judged(account: Account) -> list[str]:
    """What each judge said of each stage."""
    lines = ["### Evidence", ""]
    for stage in account.stages:
        if stage.proof:
            lines.append(f"- **{gfm.escape(stage.name)}**, split: {gfm.escape(stage.proof)}")
        lines += [
            f"- **{gfm.escape(stage.name)}**, {gfm.escape(str(each['judge']))}: "
            f"{each['verdict']}, {gfm.escape(str(each['text']))}"
            for each in stage.opinions
        ]
    return [*lines, ""]


def _audit(account: Account) -> list[str]:
    """Who did what, when and why."""
    rows = tuple(
        (_time(entry.at), entry.who or "-", entry.key, entry.text)
        for entry in account.record.entries
        if entry.kind in {Kind.STATE, Kind.NOTE}
    )
    table = Table(head=("Time", "Who", "What", "Why"), rows=rows)
    return ["### Audit", "", *gfm.drawn(table)]


def _time(iso: str) -> str:
    return iso[:19].replace("T", " ")


def _namespace(namespace: str) -> str:
    return f" in {gfm.escape(namespace)}" if namespace else ""
