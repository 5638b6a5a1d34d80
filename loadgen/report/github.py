"""What GitHub Actions shows of a run: a job's summary, annotations, and outputs. Pure.

Source: GitHub's "Workflow commands" (annotations and their escaping, outputs, job summaries).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loadgen.report.diagnosis import diagnose
from loadgen.report.gfm import drawn, escape
from loadgen.report.judgement import objectives, reasons, value
from loadgen.report.numbers import count
from loadgen.report.tables import Table
from loadgen.report.words import TRUST, Status, cause, load, status
from slo.metric import Unit
from slo.validity import Validity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from loadgen.measurement import Measurement

__all__ = ["annotation", "assignments", "commands", "outputs", "summary"]

CLUES_MOST = 3
LEVEL_MOST = 10
"""GitHub shows so many annotations of a level for each step."""

_MARKS = {Status.PASSED: "✅", Status.FAILED: "❌", Status.INCONCLUSIVE: "⚠️"}
_VERDICTS = {
    Status.PASSED: "PASS",
    Status.FAILED: "FAIL",
    Status.INCONCLUSIVE: "INCONCLUSIVE",
}


def summary(measurement: Measurement, *, link: str = "") -> str:
    """A section for the page of the workflow run, or for a comment.

    Args:
        measurement: of the run.
        link: URL of the run's own page; "" without one.

    Returns:
        Markdown with a final line break.
    """
    m = measurement
    clues = diagnose(m)[:CLUES_MOST]
    blocks = [
        [f"## {_MARKS[status(m)]} Load Test {status(m)}: {escape(m.run.target)}"],
        [f"- {escape(text)}" for text in _why(m)],
        drawn(_numbers(m)),
        drawn(objectives(m.slo)) if m.slo and m.slo.findings else [],
        ["**What this points to**", "", *(f"- {escape(clue.text)}" for clue in clues)]
        if clues
        else [],
        [_last_line(m, link)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def commands(measurement: Measurement) -> list[str]:
    """Workflow commands, one a line, that annotate the step with what decided it.

    Violations are errors, doubts are warnings; a run with neither is a notice with its numbers.
    """
    m = measurement
    found = list(_annotated(m)) or [("notice", _in_short(m))]
    return [annotation(level, f"Load test {status(m)}", text) for level, text in found]


def annotation(level: str, title: str, text: str) -> str:
    """A workflow command that annotates the step.

    Args:
        level: notice, warning or error.
        title: what stands above it.
        text: one sentence or more.
    """
    return f"::{level} title={_property(title)}::{_message(text)}"


def _annotated(m: Measurement) -> Iterator[tuple[str, str]]:
    """Level and text of each, as many as GitHub shows."""
    why = cause(m)
    if why:
        yield "error" if status(m) is Status.FAILED else "warning", why
    if m.rollback and m.rollback.ordered:
        yield "warning" if m.rollback.succeeded else "error", m.rollback.text
    if m.health.verdict is not Validity.VALID:
        yield "warning", f"{m.health.verdict}: {TRUST[m.health.verdict]}"
    for text in (m.slo.violations if m.slo else ())[: LEVEL_MOST - 2]:
        yield "error", text
    for text in (reasons(m.slo) if m.slo else [])[: LEVEL_MOST - 3]:
        yield "warning", text


def outputs(measurement: Measurement) -> dict[str, str]:
    """What later steps and jobs can ask for: numbers without units, "" where there is none."""
    m = measurement
    return {
        "verdict": _VERDICTS[status(m)],
        "p95": _plain(m.total.latency.p95_ms),
        "error_rate": _plain(m.total.error_rate_percent),
        "throughput": _plain(m.throughput_rps),
        "run": m.run.id,
    }


def assignments(values: Mapping[str, str]) -> str:
    """Values as $GITHUB_OUTPUT takes them, a line each, or between two marks when they have more.

    Args:
        values: by their names, without "=" in them.
    """
    return "".join(f"{name}{_assigned(value)}\n" for name, value in values.items())


def _why(m: Measurement) -> list[str]:
    """What decides, worst first."""
    why = cause(m)
    lines = [f"{why}."] if why else []
    lines += m.slo.violations if m.slo else ()
    if m.rollback and m.rollback.ordered:
        lines.append(f"{m.rollback.text}.")
    if m.health.verdict is not Validity.VALID:
        lines.append(f"{m.health.verdict}: {TRUST[m.health.verdict]}. {m.health.reasons[0]}")
    return lines


def _numbers(m: Measurement) -> Table:
    """The guide's metrics in one row."""
    latency = m.total.latency
    return Table(
        head=("Requests", "Throughput", "Errors", "P50", "P95", "P99"),
        rows=(
            (
                count(m.total.sent),
                value(m.throughput_rps, Unit.PER_S),
                value(m.total.error_rate_percent, Unit.PERCENT),
                *(value(ms, Unit.MS) for ms in (latency.p50_ms, latency.p95_ms, latency.p99_ms)),
            ),
        ),
        numbers_from=0,
    )


def _in_short(m: Measurement) -> str:
    return (
        f"{value(m.throughput_rps, Unit.PER_S)}, P95 {value(m.total.latency.p95_ms, Unit.MS)}, "
        f"errors {value(m.total.error_rate_percent, Unit.PERCENT)}"
    )


def _last_line(m: Measurement, link: str) -> str:
    run = f"{escape(load(m))}, {m.run.duration_s:.1f} s, {escape(m.run.environment)}, {m.run.id}"
    return f"{run}, [the workflow run](<{link}>)" if link else run


def _assigned(text: str) -> str:
    mark = "END"
    while mark in text:
        mark += "_"
    return f"<<{mark}\n{text}\n{mark}" if re.search(r"[\r\n]", text) else f"={text}"


def _plain(number: float | None) -> str:
    return "" if number is None else f"{number:.6g}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
