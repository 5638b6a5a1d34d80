"""The Markdown report: the guide's section, and below it what explains its numbers. Pure."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING

from loadgen.report import judgement, tables
from loadgen.report.numbers import clock, count, decimal, percent
from loadgen.report.tables import PERCENTILES_NOTE, Table, Verbatim
from loadgen.report.words import TRUST, Status, cause, remarks, status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.measurement import Measurement

__all__ = ["render"]

_MARKS = {Status.PASSED: "✅", Status.FAILED: "❌", Status.INCONCLUSIVE: "⚠️"}
_SPECIAL = re.compile(r"([\\`*_<>\[\]|#~])")


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
        _what_was_run,
        _health,
        _endpoints,
        _times,
        _outcomes,
        _resources,
        _warm_up,
    )
    texts = ("\n".join(section(measurement)) for section in sections)
    return "\n\n".join(text for text in texts if text) + "\n"


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
        *(["", f"{_escape(why)}."] if why else []),
        "",
        "### Performance Metrics",
        "",
        *_drawn(
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
    return ["## ❌ SLO Violations", "", *[f"- {_escape(text)}" for text in m.slo.violations]]


def _objectives(m: Measurement) -> list[str]:
    if m.slo is None:
        return []
    reasons = [f"- {_escape(text)}" for text in judgement.reasons(m.slo)]
    return [
        "### Objectives",
        "",
        f"**{m.slo.verdict}**: {judgement.score(m.slo)}.",
        "",
        *_drawn(judgement.objectives(m.slo)),
        *(["", *reasons] if reasons else []),
    ]


def _baseline(m: Measurement) -> list[str]:
    if m.baseline is None:
        return []
    sentence = _escape(judgement.comparison_sentence(m.baseline))
    table = judgement.comparison(m.baseline.comparison)
    return ["### Baseline", "", f"{sentence}.", "", *_drawn(table)]


def _rollback(m: Measurement) -> list[str]:
    if m.rollback is None:
        return []
    output = "\n".join(m.rollback.output)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", output)), default=0))
    shown = ["", f"{fence}text", *m.rollback.output, fence] if m.rollback.output else []
    return ["### Rollback", "", f"{_escape(m.rollback.text)}.", *shown]


def _what_was_run(m: Measurement) -> list[str]:
    return ["### What Was Run", "", *_drawn(tables.what_was_run(m))]


def _health(m: Measurement) -> list[str]:
    health = m.health
    sentences = [*health.reasons, *health.notes]
    return [
        "### Generator Health",
        "",
        f"**{health.verdict}**: {TRUST[health.verdict]}.",
        "",
        *[f"- {_escape(sentence)}" for sentence in sentences],
        *([""] if sentences else []),
        *_drawn(tables.evidence(m)),
    ]


def _endpoints(m: Measurement) -> list[str]:
    return ["### Endpoints", "", *_drawn(tables.endpoints(m))]


def _times(m: Measurement) -> list[str]:
    table = tables.percentiles(m)
    note = ["", PERCENTILES_NOTE] if table.rows else []
    return ["### Percentiles", "", *_drawn(table), *note]


def _outcomes(m: Measurement) -> list[str]:
    total = m.total
    return [
        "### Errors and Status Codes",
        "",
        *_drawn(tables.outcomes(m)),
        "",
        f"{count(total.sent)} sent = {count(total.succeeded)} succeeded + {count(total.failed)} "
        f"failed + {count(total.in_flight_at_end)} in flight at the end.",
        *(["", *[f"- {text}" for text in remarks(total)]] if remarks(total) else []),
        *_failed_answers(m),
    ]


def _failed_answers(m: Measurement) -> list[str]:
    if not m.failed_answers:
        return []
    return ["", "#### First Answers That Failed a Check", "", *_drawn(tables.failed_answers(m))]


def _resources(m: Measurement) -> list[str]:
    return ["### CPU and Memory", "", *_drawn(tables.resources(m))]


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


def _drawn(table: Table) -> list[str]:
    """A table as GitHub reads it; numbers are set to the right."""
    if not table.rows:
        return ["None."]
    rules = ["-" * (len(title) + 2) for title in table.head]
    if table.numbers_from is not None:
        right = slice(table.numbers_from, None)
        rules[right] = [f"{rule[:-1]}:" for rule in rules[right]]
    cells = [_row([_cell(text) for text in row]) for row in table.rows]
    return [_row(table.head), f"|{'|'.join(rules)}|", *cells]


def _cell(text: str) -> str:
    return _code(text) if isinstance(text, Verbatim) else _escape(text)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _code(text: str) -> str:
    r"""A code span. Inside a table even there a pipe must be written \|."""
    line = " ".join(text.split())
    ticks = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (ticks + 1)
    pad = " " if ticks else ""
    return f"{fence}{pad}{line}{pad}{fence}".replace("|", r"\|")


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
