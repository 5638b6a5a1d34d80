"""The Markdown report of a canary verification, and its section of the deployment report. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from loadgen.report import gfm
from loadgen.report.numbers import NOTHING, clock, count, decimal, duration, percent
from loadgen.report.tables import Table
from rollout.canary.result import to_dict
from rollout.report import comparison_tables, load_test_section, shadow_tables
from rollout.report.found import NOT_DONE, in_short, what_follows
from rollout.shadow.result_file import from_dict
from slo.canary import CanaryVerdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rollout.canary.verification import Verification
    from rollout.report.found import Found

__all__ = ["STATUS", "render", "render_result", "section"]

STATUS = {
    CanaryVerdict.PASS: "✅ PASSED",
    CanaryVerdict.FAIL: "❌ FAILED",
    CanaryVerdict.INCONCLUSIVE: "⚠️ INCONCLUSIVE",
    CanaryVerdict.INVALID: "⚠️ INVALID",
}


def render(verification: Verification) -> str:
    """The report of a verification.

    Returns:
        Markdown (GitHub's) with a final line break. Times are UTC.
    """
    return render_result(to_dict(verification))


def render_result(found: Found) -> str:
    """The same, of a result file's content."""
    parts = [
        _top(found),
        ["### Steps", "", *gfm.drawn(_steps(found))],
        *(_step(step, found) for step in found["steps"] if step["verdict"]),
        _rollback(found["rollback"]),
    ]
    return _joined(parts)


def section(verification: Verification) -> str:
    """What the deployment report gets of a verification.

    Returns:
        As `render`.
    """
    found = to_dict(verification)
    return _joined([_top(found), ["### Steps", "", *gfm.drawn(_steps(found))]])


def _joined(parts: Sequence[list[str]]) -> str:
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _top(found: Found) -> list[str]:
    """The verdict as the guide's reports say it, and why."""
    about, rollback = found["verification"], found["rollback"]
    started = datetime.fromisoformat(about["started_at"])
    failure = [about["failure"]] if about["failure"] else []
    sentences = [*failure, *(each["text"] for each in found["reasons"])]
    warnings = [f"> ⚠️ {gfm.escape(text)}" for text in about["warnings"]]
    return [
        "## 🐤 Canary Verification Results",
        "",
        f"**Timestamp:** {started:%Y-%m-%d %H:%M:%S}  ",
        f"**Status:** {STATUS[CanaryVerdict(found['verdict'])]}  ",
        f"**Canary:** {gfm.escape(about['canary_url'])}  ",
        f"**Compared with:** {gfm.escape(about['compared_url'] or 'nothing')}  ",
        f"**Auto-rollback Triggered:** {'Yes' if rollback and rollback['ordered'] else 'No'}  ",
        "",
        gfm.escape(what_follows(found)),
        *(["", *_listed(sentences)] if sentences else []),
        *(["", *warnings] if warnings else []),
    ]


def _steps(found: Found) -> Table:
    rows = [
        (
            step["name"].capitalize(),
            step["verdict"] or NOT_DONE,
            clock(step["seconds"]) if step["verdict"] else NOTHING,
            in_short(step),
        )
        for step in found["steps"]
    ]
    return Table(head=("Step", "Verdict", "Took", "Why"), rows=tuple(rows))


def _step(step: Found, found: Found) -> list[str]:
    """What a step measured."""
    notes = _listed([each["text"] for each in step["notes"]])
    head = [f"### {step['name'].title()}", "", *notes, *([""] if notes else [])]
    match step["name"]:
        case "shadow" if found["shadow"]:
            return [*head, *_shadow(found["shadow"])]
        case "load test" if found["load_test"]:
            return [*head, *_load_test(found["load_test"])]
        case "comparison" if found["comparison"]:
            return [*head, *_comparison(found["comparison"])]
        case _:
            return []


def _shadow(found: Found) -> list[str]:
    result = from_dict(found)
    return [
        *gfm.drawn(shadow_tables.what_was_compared(result)),
        *_titled("Differences", shadow_tables.differences(result)),
        *_titled("Examples", shadow_tables.examples(result)),
    ]


def _load_test(found: Found) -> list[str]:
    latency = found["latency_ms"]
    figures = Table(
        head=("Metric", "Value", "Unit"),
        rows=(
            ("Total Requests", count(found["requests"]["sent"]), "requests"),
            ("Duration", f"{found['run']['duration_s']:.1f}", "seconds"),
            ("Throughput", decimal(found["throughput_rps"]), "req/sec"),
            ("Error Rate", percent(found["error_rate_percent"]), "%"),
            *((f"{p} Latency", decimal(latency[p.lower()]), "ms") for p in ("P50", "P95", "P99")),
        ),
    )
    judged = (
        _titled("Objectives", load_test_section.objectives(found["slo"])) if found["slo"] else []
    )
    return [*gfm.drawn(figures), *judged]


def _comparison(found: Found) -> list[str]:
    lines = [
        f"{clock(found['seconds'])} at {decimal(found['rate_rps'])} requests/s to each side, after "
        f"{clock(found['calibration']['seconds'])} of the baseline beside itself.",
        *_titled("How Much Worse", comparison_tables.effects(found)),
    ]
    for run in found["runs"]:
        health = f"Generator {run['validity']['verdict']}"
        title = f"{run['phase'].capitalize()}, {clock(run['seconds'])}. {health}"
        lines += _titled(title, comparison_tables.sides(run))
    return lines


def _titled(title: str, table: Table) -> list[str]:
    return ["", f"#### {title}", "", *gfm.drawn(table)] if table.rows else []


def _rollback(rollback: Found | None) -> list[str]:
    if not rollback:
        return []
    shown = ["", *gfm.fenced(rollback["output"])] if rollback["output"] else []
    took = rollback["seconds_to_safe"]
    safe = "" if took is None else f" Safe after {duration(1000 * took)}."
    return ["### Rollback", "", f"{gfm.escape(rollback['text'])}.{safe}", *shown]


def _listed(sentences: Sequence[str]) -> list[str]:
    return [f"- {gfm.escape(sentence)}" for sentence in sentences]
