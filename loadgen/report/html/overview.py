"""The top of the page, in the order in which it decides: verdict, trust, five numbers. Pure."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from loadgen.report.html.markup import Html, element, join
from loadgen.report.numbers import NOTHING, clock, count, decimal, duration, percent
from loadgen.report.words import TRUST, Status, cause, load, status
from slo.validity import Validity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.measurement import Measurement
    from loadgen.report.html.objectives import ObjectiveRow

__all__ = ["heading", "key_figures", "verdict", "what_was_run"]

_MARKS = {Status.PASSED: "✓", Status.FAILED: "✕", Status.INCONCLUSIVE: "?"}
_TRUST_MARKS = {Validity.VALID: "✓", Validity.SUSPECT: "!", Validity.INVALID: "✕"}


def heading(m: Measurement) -> Html:
    """What was tested, and when."""
    started = m.run.started_at.astimezone(UTC)
    return element(
        "header",
        element("p", f"Load test, {started:%Y-%m-%d %H:%M} UTC, {m.run.environment}"),
        element("h1", m.run.target),
    )


def verdict(m: Measurement, objectives: Sequence[ObjectiveRow]) -> Html:
    """The status in a word, and whether the numbers below can be trusted, in sentences."""
    outcome, health = status(m), m.health
    why = cause(m)
    if not why and not objectives and outcome is Status.PASSED:
        why = "No objectives were given: the run could be done, and its numbers count"
    sentences = [element("li", text) for text in (*health.reasons, *health.notes)]
    return join(
        [
            element(
                "p",
                element("span", _MARKS[outcome], class_="mark", aria_hidden="true"),
                str(outcome),
                class_=f"status {outcome.lower()}",
            ),
            element("p", f"{why}.") if why else Html(),
            element(
                "p",
                element("span", _TRUST_MARKS[health.verdict], class_="mark", aria_hidden="true"),
                element("strong", f"Generator {health.verdict}:"),
                f" {TRUST[health.verdict]}.",
                class_=f"trust {health.verdict.lower()}",
            ),
            element("ul", *sentences, class_="sentences") if sentences else Html(),
        ]
    )


def key_figures(m: Measurement) -> Html:
    """The five numbers that people ask for, each with what it is made of."""
    total, latency = m.total, m.total.latency
    rate = total.error_rate_percent
    figures = [
        _figure(
            "Throughput",
            decimal(m.throughput_rps),
            "req/s",
            f"{count(total.answered)} answers in {clock(m.run.duration_s)}",
        ),
        _figure(
            "Error rate",
            percent(rate),
            "%" if rate is not None else "",
            f"{count(total.failed)} failed of {count(total.finished)}",
        ),
        *(
            _figure(f"{name} response time", *_split(duration(value_ms)), meaning)
            for name, value_ms, meaning in (
                ("P50", latency.p50_ms, "half were faster"),
                ("P95", latency.p95_ms, "1 in 20 was slower"),
                ("P99", latency.p99_ms, "1 in 100 was slower"),
            )
        ),
    ]
    return element("dl", *figures, class_="figures")


def what_was_run(m: Measurement) -> Html:
    """What the numbers are the answer to."""
    run = m.run
    measured = clock(run.duration_s)
    if run.interrupted:
        measured += f" of {clock(run.planned_s)}, ended early"
    endpoints = m.endpoints
    asked = endpoints[0].name if len(endpoints) == 1 else f"{len(endpoints)}, by weight"
    rows = (
        ("Load", load(m)),
        ("Measured", measured),
        ("Warm-up", clock(run.warmup_s) if run.warmup_s else "none"),
        ("Endpoints", asked),
        ("Workers", count(run.workers)),
        ("Requests", count(m.total.sent)),
    )
    items = [element("div", element("dt", name), element("dd", value)) for name, value in rows]
    return element("dl", *items, class_="settings")


def _figure(name: str, value: str, unit: str, made_of: str) -> Html:
    number = element("dd", value, element("small", f" {unit}") if unit else "", class_="value")
    return element("div", element("dt", name), number, element("dd", made_of, class_="made-of"))


def _split(text: str) -> tuple[str, str]:
    """A time's number and unit; NOTHING has none."""
    number, _, unit = text.partition(" ")
    return (NOTHING, "") if text == NOTHING else (number, unit)
