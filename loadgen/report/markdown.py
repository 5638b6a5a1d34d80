"""The Markdown report: the guide's section, and below it what explains its numbers. Pure."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from loadgen.report import gfm, judgement, tables
from loadgen.report.diagnosis import NOTHING_STANDS_OUT, diagnose
from loadgen.report.numbers import clock, count, decimal, percent
from loadgen.report.tables import PERCENTILES_NOTE, Table
from loadgen.report.words import TRUST, Status, cause, remarks, status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from loadgen.measurement import Measurement

__all__ = ["render", "section"]

_MARKS = {Status.PASSED: "✅", Status.FAILED: "❌", Status.INCONCLUSIVE: "⚠️"}


def render(measurement: Measurement) -> str:
    """The report of a run.

    Returns:
        Markdown (GitHub's) with a final line break. Times are UTC.
    """
    sections = (
        _guide,
        _violations,
        _objectives,
        _baseline,
        _rollback,
        _points_to,
        _what_was_run,
        _health,
        _endpoints,
        _times,
        _outcomes,
        _resources,
        _warm_up,
    )
    return _joined(part(measurement) for part in sections)


def section(measurement: Measurement) -> str:
    """What the deployment report gets of a run: the guide's section, and its violations.

    Returns:
        As `render`.
    """
    return _joined(part(measurement) for part in (_guide, _violations))


def _joined(parts: Iterable[list[str]]) -> str:
    """Parts with a blank line between them; an empty one leaves nothing."""
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _guide(m: Measurement) -> list[str]:
    """The section that the guide promises; names, units and order are its."""
    outcome, total = status(m), m.total
    why = cause(m)
    return [
        "## 📊 Load Test Performance Results",
        "",
        f"**Timestamp:** {m.run.started_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}  ",
        f"**Status:** {_MARKS[outcome]} {outcome}  ",
        f"**Auto-rollback Triggered:** {'Yes' if m.rollback and m.rollback.ordered else 'No'}  ",
        *(["", f"{gfm.escape(why)}."] if why else []),
        "",
        "### Performance Metrics",
        "",
        *gfm.drawn(
            Table(
                head=("Metric", "Value", "Unit"),
                rows=(
                    ("Total Requests", count(total.sent), "requests"),
                    ("Duration", f"{m.run.duration_s:.1f}", "seconds"),
                    ("Throughput", decimal(m.throughput_rps), "req/sec"),
                    ("Error Rate", percent(total.error_rate_percent), "%"),
                    ("P50 Latency", decimal(total.latency.p50_ms), "ms"),
                    ("P95 Latency", decimal(total.latency.p95_ms), "ms"),
                    ("P99 Latency", decimal(total.latency.p99_ms), "ms"),
                ),
            )
        ),
    ]


def _violations(m: Measurement) -> list[str]:
    """The other section that the guide promises; a run that violates nothing has none."""
    if m.slo is None or not m.slo.violations:
        return []
    return ["## ❌ SLO Violations", "", *[f"- {gfm.escape(text)}" for text in m.slo.violations]]


def _objectives(m: Measurement) -> list[str]:
    if m.slo is None:
        return []
    reasons = [f"- {gfm.escape(text)}" for text in judgement.reasons(m.slo)]
    return [
        "### Objectives",
        "",
        f"**{m.slo.verdict}**: {judgement.score(m.slo)}.",
        "",
        *gfm.drawn(judgement.objectives(m.slo)),
        *(["", *reasons] if reasons else []),
    ]


def _baseline(m: Measurement) -> list[str]:
    if m.baseline is None:
        return []
    sentence = gfm.escape(judgement.comparison_sentence(m.baseline))
    table = judgement.comparison(m.baseline.comparison)
    return ["### Baseline", "", f"{sentence}.", "", *gfm.drawn(table)]


def _rollback(m: Measurement) -> list[str]:
    if m.rollback is None:
        return []
    shown = ["", *gfm.fenced(m.rollback.output)] if m.rollback.output else []
    return ["### Rollback", "", f"{gfm.escape(m.rollback.text)}.", *shown]


def _points_to(m: Measurement) -> list[str]:
    lines = [f"- {gfm.escape(clue.text)}" for clue in diagnose(m)]
    return ["### What This Points To", "", *(lines or [NOTHING_STANDS_OUT])]


def _what_was_run(m: Measurement) -> list[str]:
    return ["### What Was Run", "", *gfm.drawn(tables.what_was_run(m))]


def _health(m: Measurement) -> list[str]:
    health = m.health
    sentences = [*health.reasons, *health.notes]
    return [
        "### Generator Health",
        "",
        f"**{health.verdict}**: {TRUST[health.verdict]}.",
        "",
        *[f"- {gfm.escape(sentence)}" for sentence in sentences],
        *([""] if sentences else []),
        *gfm.drawn(tables.evidence(m)),
    ]


def _endpoints(m: Measurement) -> list[str]:
    return ["### Endpoints", "", *gfm.drawn(tables.endpoints(m))]


def _times(m: Measurement) -> list[str]:
    table = tables.percentiles(m)
    note = ["", PERCENTILES_NOTE] if table.rows else []
    return ["### Percentiles", "", *gfm.drawn(table), *note]


def _outcomes(m: Measurement) -> list[str]:
    total = m.total
    return [
        "### Errors and Status Codes",
        "",
        *gfm.drawn(tables.outcomes(m)),
        "",
        f"{count(total.sent)} sent = {count(total.succeeded)} succeeded + {count(total.failed)} "
        f"failed + {count(total.in_flight_at_end)} in flight at the end.",
        *(["", *[f"- {text}" for text in remarks(total)]] if remarks(total) else []),
        *_failed_answers(m),
    ]


def _failed_answers(m: Measurement) -> list[str]:
    if not m.failed_answers:
        return []
    return ["", "#### First Answers That Failed a Check", "", *gfm.drawn(tables.failed_answers(m))]


def _resources(m: Measurement) -> list[str]:
    return ["### CPU and Memory", "", *gfm.drawn(tables.resources(m))]


def _warm_up(m: Measurement) -> list[str]:
    warmup = m.warmup
    if not m.run.warmup_s:
        return ["### Warm-up", "", "None."]
    return [
        "### Warm-up",
        "",
        f"{clock(m.run.warmup_s)}, not part of any number above: {count(warmup.sent)} sent, "
        f"{count(warmup.succeeded)} succeeded, {count(warmup.failed)} failed.",
    ]
