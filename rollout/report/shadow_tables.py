"""The tables of a shadow test's reports, as text in cells; each draws them in its own way. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from loadgen.report.numbers import NOTHING, clock, count, duration, percent
from loadgen.report.tables import Table, Verbatim

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollout.shadow.result import EndpointResult, FieldResult, LatencyResult, ShadowResult

__all__ = [
    "differences",
    "examples",
    "mismatch",
    "not_compared",
    "service_times",
    "what_was_compared",
]

MOST_FIELDS = 50
"""Rows of differences; the result file has them all."""


def mismatch(result: ShadowResult) -> str:
    """The share of pairs that differ, with its interval: "3.00 % (2.11 % to 4.25 %)"."""
    ratio, interval = result.mismatch_ratio, result.interval
    if ratio is None or interval is None:
        return NOTHING
    low, high = (percent(100 * end) for end in (interval.low, interval.high))
    return f"{percent(100 * ratio)} % ({low} % to {high} %)"


def what_was_compared(result: ShadowResult) -> Table:
    """Sides, requests and the share that differs."""
    sides = result.sides
    rows = [
        ("Source", Verbatim(result.source)),
        ("Production", Verbatim(sides.production)),
        ("Canary", Verbatim(sides.canary)),
        ("Second baseline", Verbatim(sides.baseline) if sides.baseline else NOTHING),
        ("Duration", clock(result.duration_s)),
        ("Requests", count(result.seen)),
        ("Pairs compared", count(result.pairs)),
        ("Pairs that differ", count(result.mismatched)),
        ("Pairs that differ, unproven", count(result.unproven)),
        ("Mismatch rate", mismatch(result)),
        ("Accepted", f"{percent(100 * result.max_mismatch_ratio)} %"),
    ]
    return Table(head=("What", "Value"), rows=tuple(rows), numbers_from=None)


def differences(result: ShadowResult) -> Table:
    """Every field that differs, by endpoint; noise last."""
    rows = [
        (
            Verbatim(endpoint.name),
            Verbatim(field.name),
            field.kind,
            field.finding.value,
            f"{count(field.canary_differs)} of {count(endpoint.pairs)}",
            NOTHING if field.baseline_alone is None else count(field.canary_alone),
            NOTHING if field.baseline_alone is None else count(field.baseline_alone),
        )
        for endpoint, field in _fields(result)
    ]
    head = ("Endpoint", "Field", "How", "Finding", "Canary Differs", "It Alone", "Baseline Alone")
    return Table(head=head, rows=tuple(rows[:MOST_FIELDS]), numbers_from=4)


def examples(result: ShadowResult) -> Table:
    """The first pairs of each field that the canary changes."""
    rows = [
        tuple(
            Verbatim(text) if text else NOTHING
            for text in (example.request, field.name, example.production, example.canary)
        )
        for _, field in _fields(result)
        for example in field.examples
        if field.finding != "noise"
    ]
    head = ("Request", "Field", "Production", "Canary")
    return Table(head=head, rows=tuple(rows[:MOST_FIELDS]), numbers_from=None)


def service_times(result: ShadowResult) -> Table:
    """Both sides' service times, by endpoint."""
    rows = [
        (
            Verbatim(endpoint.name),
            count(endpoint.latency.n),
            *(duration(value) for value in endpoint.latency.production_ms[::2]),
            *(duration(value) for value in endpoint.latency.canary_ms[::2]),
            _ratio(endpoint.latency),
        )
        for endpoint in result.endpoints
    ]
    head = ("Endpoint", "Pairs", "p50", "p99", "Canary p50", "Canary p99", "Median Ratio")
    return Table(head=head, rows=tuple(rows[:MOST_FIELDS]), numbers_from=1)


def not_compared(result: ShadowResult) -> Table:
    """Requests that no pair came of."""
    rows = [(reason, count(n)) for reason, n in result.not_compared.items()]
    return Table(head=("Reason", "Requests"), rows=tuple(rows), numbers_from=1)


def _fields(result: ShadowResult) -> Iterator[tuple[EndpointResult, FieldResult]]:
    """All fields, those that the canary changes first."""
    pairs = [(endpoint, field) for endpoint in result.endpoints for field in endpoint.fields]
    pairs.sort(key=lambda pair: (pair[1].finding == "noise", -pair[1].canary_alone))
    return iter(pairs)


def _ratio(latency: LatencyResult) -> str:
    """The median ratio with its interval; nothing where there are too few pairs for an interval."""
    if latency.ratio is None or latency.interval is None or math.isinf(latency.interval.high):
        return NOTHING
    return f"{latency.ratio:.2f}× ({latency.interval.low:.2f} to {latency.interval.high:.2f})"
