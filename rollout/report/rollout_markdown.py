"""A rollout in Markdown: for people, and for the deployment report. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.report import gfm
from loadgen.report.tables import Table
from loadgen.units import format_duration
from rollout.progressive.entry import Kind
from rollout.progressive.result import to_dict
from slo.canary import CanaryVerdict

if TYPE_CHECKING:
    from rollout.progressive.account import Account
    from rollout.report.found import Found

__all__ = ["render", "render_result", "section"]

_MARKS = {CanaryVerdict.PASS: "✅", CanaryVerdict.FAIL: "❌"}
_STATUS = {CanaryVerdict.PASS: "PASSED", CanaryVerdict.FAIL: "FAILED"}
UNDECIDED = "⚠️"


def render(account: Account) -> str:
    """The whole report.

    Returns:
        Markdown (GitHub's) with a final line break. Times are UTC.
    """
    return render_result(to_dict(account))


def render_result(found: Found) -> str:
    """The same, of a result file's content."""
    return "\n".join([*_head(found), "", *_judged(found), *_audit(found)]) + "\n"


def section(account: Account) -> str:
    """What the deployment report gets of a rollout.

    Returns:
        As `render`.
    """
    return "\n".join(_head(to_dict(account))) + "\n"


def _head(found: Found) -> list[str]:
    rollout, rollback = found["rollout"], found["rollback"]
    mark = _MARKS.get(found["verdict"], UNDECIDED)
    status = _STATUS.get(found["verdict"], "INCONCLUSIVE")
    lines = [
        "## 🚀 Progressive Rollout Results",
        "",
        f"**Timestamp:** {_time(rollout['begun_at'])}  ",
        f"**Deployment:** {gfm.escape(rollout['deployment'])}{_namespace(rollout['namespace'])}  ",
        f"**Status:** {mark} {status} ({found['phase']})  ",
        f"**Rolled Back:** {'Yes' if rollback['ordered'] else 'No'}  ",
        f"**By:** {gfm.escape(': '.join(filter(None, (rollout['who'], rollout['why']))))}  ",
        "",
        *(f"{gfm.escape(reason['text'])}." for reason in found["reasons"]),
        "",
        "### Rollout Stages",
        "",
        *gfm.drawn(
            Table(
                head=("Stage", "Traffic %", "Duration", "Verdict", "Began"),
                rows=tuple(_row(stage) for stage in found["stages"]),
            )
        ),
    ]
    if rollback["ordered"] and rollback["text"]:
        lines += ["", "### Rollback", "", f"{gfm.escape(rollback['text'])}."]
    return lines


def _row(stage: Found) -> tuple[str, ...]:
    return (
        stage["name"],
        f"{stage['percentage']:g}%",
        format_duration(stage["duration_s"]),
        stage["verdict"] or "-",
        _time(stage["began_at"]) if stage["began_at"] else "-",
    )


def _judged(found: Found) -> list[str]:
    """What each judge said of each stage."""
    lines = ["### Evidence", ""]
    for stage in found["stages"]:
        name = gfm.escape(stage["name"])
        if stage["proof"]:
            lines.append(f"- **{name}**, split: {gfm.escape(stage['proof'])}")
        lines += [
            f"- **{name}**, {gfm.escape(each['judge'])}: {each['verdict']}, "
            f"{gfm.escape(each['text'])}"
            for each in stage["opinions"]
        ]
    return [*lines, ""]


def _audit(found: Found) -> list[str]:
    """Who did what, when and why."""
    rows = tuple(
        (_time(entry["at"]), entry["who"] or "-", entry["key"], entry["text"])
        for entry in found["audit"]
        if entry["kind"] in {Kind.STATE, Kind.NOTE}
    )
    table = Table(head=("Time", "Who", "What", "Why"), rows=rows)
    return ["### Audit", "", *gfm.drawn(table)]


def _time(iso: str) -> str:
    return iso[:19].replace("T", " ")


def _namespace(namespace: str) -> str:
    return f" in {gfm.escape(namespace)}" if namespace else ""
