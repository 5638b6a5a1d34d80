"""The top of the page, in the order in which it decides: verdict, trust, five numbers. Pure."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from loadgen.report.html import headline
from loadgen.report.html.headline import Figure, Look
from loadgen.report.html.markup import Html, element, join
from loadgen.report.numbers import clock, count, decimal, duration, percent
from loadgen.report.words import TRUST, Status, cause, load, status
from slo.validity import Validity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.measurement import Measurement
    from loadgen.report.html.objectives import ObjectiveRow

__all__ = ["heading", "key_figures", "trust", "verdict", "what_was_run"]

_LOOKS = {Status.PASSED: Look.GOOD, Status.FAILED: Look.BAD, Status.INCONCLUSIVE: Look.DOUBT}
_TRUST_MARKS = {Validity.VALID: "✓", Validity.SUSPECT: "!", Validity.INVALID: "✕"}


def heading(m: Measurement) -> Html:
    """What was tested, and when."""
    started = m.run.started_at.astimezone(UTC)
    above = f"Load test, {started:%Y-%m-%d %H:%M} UTC, {m.run.environment}"
    return headline.heading(above, m.run.target)


def verdict(m: Measurement, objectives: Sequence[ObjectiveRow]) -> Html:
    """The status in a word, and whether the numbers below can be trusted, in sentences."""
    outcome, health = status(m), m.health
    why = cause(m)
    if not why and not objectives and outcome is Status.PASSED:
        why = "No objectives were given: the run could be done, and its numbers count"
    return join(
        [
            headline.status_line(str(outcome), _LOOKS[outcome]),
            element("p", f"{why}.") if why else Html(),
            trust(health.verdict),
            headline.sentences((*health.reasons, *health.notes)),
        ]
    )


def trust(validity: Validity) -> Html:
    """Whether the numbers are about the target, or about the generator."""
    return element(
        "p",
        element("span", _TRUST_MARKS[validity], class_="mark", aria_hidden="true"),
        element("strong", f"Generator {validity}:"),
        f" {TRUST[validity]}.",
        class_=f"trust {validity.lower()}",
    )


def key_figures(m: Measurement) -> Html:
    """The five numbers that people ask for, each with what it is made of."""
    total, latency = m.total, m.total.latency
    rate = total.error_rate_percent
    return headline.figures(
        [
            Figure(
                name="Throughput",
                value=decimal(m.throughput_rps),
                unit="req/s",
                made_of=f"{count(total.answered)} answers in {clock(m.run.duration_s)}",
            ),
            Figure(
                name="Error rate",
                value=percent(rate),
                unit="%" if rate is not None else "",
                made_of=f"{count(total.failed)} failed of {count(total.finished)}",
            ),
            *(
                headline.timed(f"{name} response time", duration(value_ms), meaning)
                for name, value_ms, meaning in (
                    ("P50", latency.p50_ms, "half were faster"),
                    ("P95", latency.p95_ms, "1 in 20 was slower"),
                    ("P99", latency.p99_ms, "1 in 100 was slower"),
                )
            ),
        ]
    )


def what_was_run(m: Measurement) -> Html:
    """What the numbers are the answer to."""
    run = m.run
    measured = clock(run.duration_s)
    if run.interrupted:
        measured += f" of {clock(run.planned_s)}, ended early"
    endpoints = m.endpoints
    asked = endpoints[0].name if len(endpoints) == 1 else f"{len(endpoints)}, by weight"
    return headline.settings(
        (
            ("Load", load(m)),
            ("Measured", measured),
            ("Warm-up", clock(run.warmup_s) if run.warmup_s else "none"),
            ("Endpoints", asked),
            ("Workers", count(run.workers)),
            ("Requests", count(m.total.sent)),
        )
    )
