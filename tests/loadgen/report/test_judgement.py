"""The verdict in words and tables, and where the reports show them."""

from __future__ import annotations

import dataclasses
import io
import math

import pytest
from rich.console import Console

from loadgen.measurement import Measurement
from loadgen.report import judgement, markdown, terminal
from loadgen.report.numbers import NOTHING
from slo.metric import Unit
from tests.loadgen import judged, samples


def _terminal(measurement: Measurement, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(terminal.render(measurement))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("number", "unit", "expected"),
    [
        (350.24, Unit.MS, "350.2 ms"),
        (0.0, Unit.PERCENT, "0.00 %"),
        (1050.31, Unit.PER_S, "1,050.3 req/sec"),
        (math.inf, Unit.MS, "∞"),
        (None, Unit.MS, NOTHING),
    ],
)
def test_a_value_with_its_unit(number: float | None, unit: Unit, expected: str) -> None:
    assert judgement.value(number, unit) == expected


def test_the_score_counts_each_verdict_that_occurs() -> None:
    assert _slo_score(judged.passed()) == "2 hold"
    assert _slo_score(judged.violated()) == "1 holds, 4 violated, 1 undecided"


def _slo_score(measurement: Measurement) -> str:
    assert measurement.slo is not None
    return judgement.score(measurement.slo)


def test_the_guide_s_sections_of_a_violation() -> None:
    text = markdown.render(judged.violated())
    assert "**Status:** ❌ FAILED  \n**Auto-rollback Triggered:** No  \n" in text
    _, _, section = text.partition("\n## ❌ SLO Violations\n\n")
    assert section.splitlines()[:4] == [
        "- P50 latency 100.4ms exceeds threshold 100ms",
        "- P95 latency 338.3ms exceeds threshold 250ms",
        "- P99 latency 549.2ms exceeds threshold 400ms",
        "- Throughput 66.5 req/sec below threshold 1000 req/sec",
    ]


def test_the_objectives_with_their_evidence() -> None:
    lines = markdown.render(judged.violated()).splitlines()
    assert "**FAIL**: 1 holds, 4 violated, 1 undecided." in lines
    assert "| Objective | Observed | 95 % interval | Limit | Requests | Verdict |" in lines
    row = next(line for line in lines if line.startswith("| `p95 <= 250ms`"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert (cells[1], cells[3], cells[4], cells[5]) == (
        "338.3 ms",
        r"\<= 250 ms",
        "1,000",
        "FAIL",
    )
    assert r"- p99.9 \< 1000ms: 1,000 requests are too few for p99.9: it takes 5,000." in lines


def test_a_run_without_objectives_says_nothing_of_them() -> None:
    text = markdown.render(samples.measurement(requests=400))
    assert not any(word in text for word in ("Objectives", "SLO", "Baseline", "Rollback"))


def test_a_run_that_holds_its_objectives() -> None:
    text = markdown.render(judged.passed())
    assert "**Status:** ✅ PASSED  " in text
    assert "SLO Violations" not in text
    assert "**PASS**: 2 hold." in text


def test_a_run_that_cannot_be_decided() -> None:
    assert "**Status:** ⚠️ INCONCLUSIVE  " in markdown.render(judged.undecided())


def test_a_rollback_and_its_last_words() -> None:
    text = markdown.render(judged.rolled_back())
    assert "**Auto-rollback Triggered:** Yes  " in text
    assert (
        "### Rollback\n\nRolled back by kubectl in 4.2 s.\n\n"
        "```text\ndeployment.apps/shop rolled back\n```\n"
    ) in text


def test_a_rollback_s_words_stay_in_their_fence() -> None:
    measurement = judged.rolled_back()
    assert measurement.rollback is not None
    rollback = dataclasses.replace(measurement.rollback, output=("```", "# not a heading"))
    text = markdown.render(dataclasses.replace(measurement, rollback=rollback))
    assert "\n````text\n```\n# not a heading\n````\n" in text


def test_a_comparison_with_an_earlier_run() -> None:
    measurement = judged.compared()
    lines = markdown.render(measurement).splitlines()
    assert (
        "Whether the run differs from its baseline cannot be told "
        "(20250127T103000Z-3f2a91, margin 5 %)."
    ) in lines
    assert any(line.startswith("| All | `p50` | 100.4 ms | 100.4 ms | -") for line in lines)
    assert any(line.startswith("| `/api/health` | `error_rate` |") for line in lines)
    assert measurement.baseline is not None
    other = dataclasses.replace(measurement.baseline, same_plan=False)
    assert judgement.comparison_sentence(other).endswith("margin 5 %; they had different plans)")


def test_the_terminal_says_first_what_decides() -> None:
    lines = [line.strip() for line in _terminal(judged.violated()).splitlines()]
    assert lines[1].startswith("FAILED  http://localhost:8000")
    assert lines[2] == "- P50 latency 100.4ms exceeds threshold 100ms"
    objectives = next(index for index, line in enumerate(lines) if line.startswith("Objective "))
    generator = next(index for index, line in enumerate(lines) if line.startswith("Generator "))
    assert objectives < generator
    assert any(line.startswith("p95 <= 250ms") and line.endswith("FAIL") for line in lines)


def test_the_terminal_tells_of_a_rollback() -> None:
    assert "Rolled back by kubectl in 4.2 s." in _terminal(judged.rolled_back())


@pytest.mark.parametrize("width", [80, 120])
def test_the_terminal_s_comparison_is_brief_and_whole(width: int) -> None:
    text = _terminal(judged.compared(), width)
    rows = [line.rstrip() for line in text.splitlines() if "can't tell" in line]
    assert [row.split()[:2] for row in rows] == [
        ["All", "p50"],
        ["All", "p95"],
        ["All", "p99"],
        ["All", "error_rate"],
    ]


def test_a_run_that_the_gate_ended_says_so() -> None:
    measurement = judged.violated()
    run = dataclasses.replace(measurement.run, stopped="the verdict was certain: FAIL")
    text = markdown.render(dataclasses.replace(measurement, run=run))
    assert "\nEnded early, as the verdict was certain: FAIL.\n" in text
