"""The Markdown report: the guide's section, and below it what explains its numbers. Pure."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING

from loadgen.report.numbers import (
    NOTHING,
    clock,
    count,
    decimal,
    duration,
    percent,
    share,
    size,
)
from loadgen.report.words import PHASES, TRUST, Status, cause, load, outcomes, remarks, status
from loadgen.summary import PERCENTILES, summarise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from loadgen.measurement import EndpointResult, Measurement

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
        _what_was_run,
        _health,
        _endpoints,
        _times,
        _outcomes,
        _warm_up,
    )
    return "\n\n".join("\n".join(section(measurement)) for section in sections) + "\n"


def _guide(m: Measurement) -> list[str]:
    """The section that the guide promises; names, units and order are its."""
    outcome, total = status(m), m.total
    why = cause(m)
    return [
        "## 📊 Load Test Performance Results",
        "",
        f"**Timestamp:** {m.run.started_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}  ",
        f"**Status:** {_MARKS[outcome]} {outcome}  ",
        "**Auto-rollback Triggered:** No  ",
        *(["", f"{_escape(why)}."] if why else []),
        "",
        "### Performance Metrics",
        "",
        *_table(
            ("Metric", "Value", "Unit"),
            [
                ("Total Requests", count(total.sent), "requests"),
                ("Duration", f"{m.run.duration_s:.1f}", "seconds"),
                ("Throughput", decimal(m.throughput_rps), "req/sec"),
                ("Error Rate", percent(total.error_rate_percent), "%"),
                ("P50 Latency", decimal(total.latency.p50_ms), "ms"),
                ("P95 Latency", decimal(total.latency.p95_ms), "ms"),
                ("P99 Latency", decimal(total.latency.p99_ms), "ms"),
            ],
        ),
    ]


def _what_was_run(m: Measurement) -> list[str]:
    run = m.run
    measured = clock(run.duration_s)
    if run.interrupted:
        measured += f" of {clock(run.planned_s)}, ended early"
    return [
        "### What Was Run",
        "",
        *_table(
            ("Setting", "Value"),
            [
                ("Target", _code(run.target)),
                ("Load", load(m)),
                ("Measured", measured),
                ("Environment", _code(run.environment)),
                ("Workers", count(run.workers)),
                ("Seed", str(run.seed)),
                ("Plan", f"`{run.plan_hash[:16]}`"),
                ("Run", _code(run.id)),
                ("Started", f"{run.started_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"),
                ("Traffic", f"{size(m.total.bytes_sent)} sent, "
                            f"{size(m.total.bytes_received)} received"),
            ],
        ),
    ]  # fmt: skip


def _health(m: Measurement) -> list[str]:
    health = m.health
    cpu = ", ".join(f"{used:.0f} %" for used in health.evidence.worker_cpu_percent) or NOTHING
    sentences = [*health.reasons, *health.notes]
    return [
        "### Generator Health",
        "",
        f"**{health.verdict}**: {TRUST[health.verdict]}.",
        "",
        *[f"- {_escape(sentence)}" for sentence in sentences],
        *([""] if sentences else []),
        *_table(
            ("Evidence", "Value"),
            [
                ("Offered", f"{decimal(health.offered_rps)} req/sec"),
                ("Sent", f"{decimal(health.achieved_rps)} req/sec"),
                ("Own lag P50", duration(health.evidence.own_lag_p50_ms)),
                ("Own lag P99", duration(health.evidence.own_lag_p99_ms)),
                ("Own lag max", duration(health.evidence.own_lag_max_ms)),
                ("CPU of each worker", cpu),
            ],
        ),
    ]


def _endpoints(m: Measurement) -> list[str]:
    head = ("Endpoint", "Share", "Requests", "Errors", "req/sec", "P50", "P95", "P99", "Max")
    return [
        "### Endpoints",
        "",
        *_table(head, [_endpoint(endpoint, m.run.duration_s) for endpoint in m.endpoints], right=1),
    ]


def _endpoint(endpoint: EndpointResult, duration_s: float) -> tuple[str, ...]:
    tally, summary = endpoint.tally, summarise(endpoint.tally.latency)
    error_percent = tally.error_rate_percent
    return (
        _code(endpoint.name),
        share(endpoint.weight),
        count(tally.sent),
        NOTHING if error_percent is None else f"{percent(error_percent)} %",
        decimal(tally.answered / duration_s if duration_s > 0 else 0.0),
        *(duration(summary.percentiles_ms[name]) for name in ("p50", "p95", "p99")),
        duration(summary.max_ms),
    )


def _times(m: Measurement) -> list[str]:
    summaries = {words: summarise(m.total.times[phase]) for phase, words in PHASES.items()}
    seen = {words: summary for words, summary in summaries.items() if summary.n}
    if not seen:
        return ["### Percentiles", "", "None."]
    columns = [
        [
            count(summary.n),
            duration(summary.min_ms),
            duration(summary.mean_ms),
            *map(duration, summary.percentiles_ms.values()),
            duration(summary.max_ms),
        ]
        for summary in seen.values()
    ]
    names = [name.upper().replace("_", ".") for name in PERCENTILES]
    return [
        "### Percentiles",
        "",
        *_table(
            ("", *seen),
            zip(("Samples", "Min", "Mean", *names, "Max"), *columns, strict=True),
            right=1,
        ),
        "",
        "Response time counts from when a request was due, service time from when it was sent. "
        f"{NOTHING}: fewer than five samples lie beyond it.",
    ]


def _outcomes(m: Measurement) -> list[str]:
    total = m.total
    rows = [(_escape(o.name), count(o.n), f"{percent(o.percent)} %") for o in outcomes(total)]
    return [
        "### Errors and Status Codes",
        "",
        *_table(("Outcome", "Requests", "Share"), rows, right=1),
        "",
        f"{count(total.sent)} sent = {count(total.succeeded)} succeeded + {count(total.failed)} "
        f"failed + {count(total.in_flight_at_end)} in flight at the end.",
        *(["", *[f"- {text}" for text in remarks(total)]] if remarks(total) else []),
    ]


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


def _table(
    head: Sequence[str], rows: Iterable[Sequence[str]], right: int | None = None
) -> list[str]:
    """A table as GitHub reads it; columns from `right` on are set to the right."""
    rules = ["-" * (len(title) + 2) for title in head]
    if right is not None:
        rules[right:] = [f"{rule[:-1]}:" for rule in rules[right:]]
    cells = [_row(row) for row in rows]
    return [_row(head), f"|{'|'.join(rules)}|", *cells] if cells else ["None."]


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
