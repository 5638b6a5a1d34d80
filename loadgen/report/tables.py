"""The tables of every written report, as text in cells; each draws them in its own way. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
from loadgen.report.words import PHASES, load
from loadgen.report.words import outcomes as outcomes_of
from loadgen.summary import PERCENTILES, summarise

if TYPE_CHECKING:
    from loadgen.measurement import EndpointResult, Measurement

__all__ = [
    "PERCENTILES_NOTE",
    "Table",
    "Verbatim",
    "endpoints",
    "evidence",
    "failed_answers",
    "outcomes",
    "percentiles",
    "resources",
    "shortened",
    "what_was_run",
]

PERCENTILES_NOTE = (
    "Response time counts from when a request was due, service time from when it was sent. "
    f"{NOTHING}: fewer than five samples lie beyond it."
)
BODY_SHOWN = 200
"""Characters of a failed answer's body; the result file has the whole KiB."""


class Verbatim(str):
    """A cell that somebody else wrote, such as a URL: shown as it is, in a fixed width."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A head and rows, all as long as the head.

    Attributes:
        numbers_from: index of the first column of numbers; None without any.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers_from: int | None = None


def what_was_run(m: Measurement) -> Table:
    """The settings of a run and its identity."""
    run = m.run
    measured = clock(run.duration_s)
    if run.interrupted:
        measured += f" of {clock(run.planned_s)}, ended early"
    sent, received = size(m.total.bytes_sent), size(m.total.bytes_received)
    return Table(
        head=("Setting", "Value"),
        rows=(
            ("Target", Verbatim(run.target)),
            ("Load", load(m)),
            ("Measured", measured),
            ("Environment", Verbatim(run.environment)),
            ("Workers", count(run.workers)),
            ("Seed", str(run.seed)),
            ("Plan", Verbatim(run.plan_hash[:16])),
            ("Run", Verbatim(run.id)),
            ("Started", f"{run.started_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"),
            ("Traffic", f"{sent} sent, {received} received"),
        ),
    )


def evidence(m: Measurement) -> Table:
    """What the verdict on the generator rests on."""
    health, found = m.health, m.health.evidence
    cpu = ", ".join(f"{used:.0f} %" for used in found.worker_cpu_percent) or NOTHING
    return Table(
        head=("Evidence", "Value"),
        rows=(
            ("Offered", f"{decimal(health.offered_rps)} req/sec"),
            ("Sent", f"{decimal(health.achieved_rps)} req/sec"),
            ("Own lag P50", duration(found.own_lag_p50_ms)),
            ("Own lag P99", duration(found.own_lag_p99_ms)),
            ("Own lag max", duration(found.own_lag_max_ms)),
            ("CPU of each worker", cpu),
        ),
    )


def endpoints(m: Measurement) -> Table:
    """One row an endpoint, in the order of the plan."""
    return Table(
        head=("Endpoint", "Share", "Requests", "Errors", "req/sec", "P50", "P95", "P99", "Max"),
        rows=tuple(_endpoint(endpoint, m.run.duration_s) for endpoint in m.endpoints),
        numbers_from=1,
    )


def _endpoint(endpoint: EndpointResult, duration_s: float) -> tuple[str, ...]:
    tally, summary = endpoint.tally, summarise(endpoint.tally.latency)
    error_percent = tally.error_rate_percent
    return (
        Verbatim(endpoint.name),
        share(endpoint.weight),
        count(tally.sent),
        NOTHING if error_percent is None else f"{percent(error_percent)} %",
        decimal(tally.answered / duration_s if duration_s > 0 else 0.0),
        *(duration(summary.percentiles_ms[name]) for name in ("p50", "p95", "p99")),
        duration(summary.max_ms),
    )


def percentiles(m: Measurement) -> Table:
    """One column a phase that occurred; no rows when none did."""
    summaries = {words: summarise(m.total.times[phase]) for phase, words in PHASES.items()}
    seen = {words: summary for words, summary in summaries.items() if summary.n}
    columns: list[Sequence[str]] = [
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
    stubs = ("Samples", "Min", "Mean", *names, "Max")
    return Table(
        head=("", *seen),
        rows=tuple(zip(stubs, *columns, strict=True)) if columns else (),
        numbers_from=1,
    )


def resources(m: Measurement) -> Table:
    """What the generator and the target used; no rows when nobody could tell."""
    rows = (
        _spread("Generator CPU, of one core", [one.generator_cpu_percent for one in m.resources]),
        _spread("Generator memory", [one.generator_memory_bytes for one in m.resources], size),
        _spread("Target CPU, of one core", [one.target_cpu_percent for one in m.resources]),
        _spread("Target memory", [one.target_memory_bytes for one in m.resources], size),
    )
    return Table(
        head=("Resource", "Min", "Mean", "Max"),
        rows=tuple(row for row in rows if row),
        numbers_from=1,
    )


def _spread(
    name: str,
    values: Sequence[float | None],
    shown: Callable[[int], str] = lambda value: f"{value} %",
) -> tuple[str, ...]:
    """One row; empty when there is no value."""
    seen = [value for value in values if value is not None]
    if not seen:
        return ()
    spread = (min(seen), math.fsum(seen) / len(seen), max(seen))
    return (name, *(shown(round(value)) for value in spread))


def outcomes(m: Measurement) -> Table:
    """How requests ended: answers by status, then errors by class."""
    return Table(
        head=("Outcome", "Requests", "Share"),
        rows=tuple(
            (one.name, count(one.n), f"{percent(one.percent)} %") for one in outcomes_of(m.total)
        ),
        numbers_from=1,
    )


def failed_answers(m: Measurement) -> Table:
    """The first answers that failed a check; no rows when none did."""
    return Table(
        head=("Endpoint", "Status", "Why it failed", "Body"),
        rows=tuple(
            (
                Verbatim(one.endpoint),
                str(one.status),
                one.reason,
                Verbatim(shortened(one.body, BODY_SHOWN)) if one.body else "empty",
            )
            for one in m.failed_answers
        ),
    )


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
