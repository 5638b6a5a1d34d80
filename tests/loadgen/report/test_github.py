"""What GitHub Actions shows of a run: summary, annotations and outputs."""

from __future__ import annotations

import dataclasses
import re

import pytest

from loadgen.consequence import RollbackOutcome
from loadgen.measurement import Measurement
from loadgen.report.github import assignments, commands, outputs, summary
from tests.loadgen import samples
from tests.loadgen.report.diagnosis.runs import judged

FULL = samples.measurement(requests=400)
VIOLATED = judged(FULL, "p95 < 25ms", "p99 < 2s", "throughput >= 1000/s")
SUSPECT = samples.measurement(requests=300, own_lag_p99_ms=20.0)
STARVED = samples.measurement(requests=300, own_lag_p99_ms=200.0)
INTERRUPTED = dataclasses.replace(FULL, run=dataclasses.replace(FULL.run, interrupted=True))


def rolled_back(*, succeeded: bool, ordered: bool = True) -> Measurement:
    return dataclasses.replace(
        VIOLATED,
        rollback=RollbackOutcome(
            ordered=ordered,
            succeeded=succeeded,
            attempts=1,
            seconds=2.0,
            output=(),
            text="what became of it",
        ),
    )


def test_the_summary_decides_first() -> None:
    lines = summary(VIOLATED, link="https://ci.example/runs/1").splitlines()
    assert lines[:8] == [
        "## ❌ Load Test FAILED: http://localhost:8000",
        "",
        "- P95 latency 308.2ms exceeds threshold 25ms",
        "- Throughput 26.5 req/sec below threshold 1000 req/sec",
        "",
        "| Requests | Throughput | Errors | P50 | P95 | P99 |",
        "|---------:|-----------:|-------:|----:|----:|----:|",
        "| 400 | 26.5 req/sec | 0.75 % | 101.2 ms | 308.2 ms | – |",
    ]
    assert "| `p95 < 25ms` | 308.2 ms |" in "\n".join(lines)
    assert "**What this points to**" in lines
    assert lines[-1] == (
        "sustained, 100 users, 15.0 s, staging, 20250127T103000Z-3f2a91, "
        "[the workflow run](<https://ci.example/runs/1>)"
    )


def test_the_summary_of_a_run_without_objectives_or_link() -> None:
    text = summary(FULL)
    assert text.startswith("## ✅ Load Test PASSED: http://localhost:8000\n\n| Requests |")
    assert "Objective" not in text
    assert text.endswith("staging, 20250127T103000Z-3f2a91\n")


def test_at_most_three_clues_stand_in_the_summary() -> None:
    clues = summary(VIOLATED).partition("**What this points to**\n\n")[2].partition("\n\n")[0]
    assert len(clues.splitlines()) == 3


def test_a_run_that_points_to_nothing() -> None:
    assert "points to" not in summary(samples.measurement(requests=20))


def test_doubts_are_said_in_the_summary() -> None:
    assert "\n- SUSPECT: the numbers may in part be about the generator. The" in summary(SUSPECT)
    assert summary(STARVED).startswith("## ⚠️ Load Test INCONCLUSIVE")


def test_no_name_becomes_markup() -> None:
    run = dataclasses.replace(FULL.run, target="http://a/<b>?c=|d", environment="*x*\n# y")
    text = summary(dataclasses.replace(FULL, run=run))
    assert r"http://a/\<b\>?c=\|d" in text
    assert r"15.0 s, \*x\* \# y" in text


@pytest.mark.parametrize(
    ("m", "expected"),
    [
        (
            VIOLATED,
            [
                "::error title=Load test FAILED::P95 latency 308.2ms exceeds threshold 25ms",
                "::error title=Load test FAILED::Throughput 26.5 req/sec below threshold 1000 "
                "req/sec",
                "::warning title=Load test FAILED::p99 < 2000ms: 400 requests are too few for p99: "
                "it takes 500.",
            ],
        ),
        (
            FULL,
            [
                "::notice title=Load test PASSED::26.5 req/sec, P95 308.2 ms, errors 0.75 %25",
            ],
        ),
        (
            SUSPECT,
            [
                "::warning title=Load test PASSED::SUSPECT: the numbers may in part be about the "
                "generator",
            ],
        ),
        (INTERRUPTED, ["::warning title=Load test PASSED::Ended early by the user"]),
        (
            samples.empty_measurement(),
            [
                "::error title=Load test FAILED::The run could not be done: worker 1 was killed by "
                "SIGKILL",
                "::warning title=Load test FAILED::INVALID: the numbers are about the generator, "
                "not the target",
            ],
        ),
    ],
)
def test_annotations(m: Measurement, expected: list[str]) -> None:
    assert commands(m) == expected


def test_a_rollback_is_told() -> None:
    done = "::warning title=Load test FAILED::what became of it"
    assert commands(rolled_back(succeeded=True))[0] == done
    assert "\n- what became of it.\n" in summary(rolled_back(succeeded=True))


def test_a_rollback_that_failed_is_an_error() -> None:
    assert commands(rolled_back(succeeded=False))[0].startswith("::error title=Load test FAILED::")


def test_a_rollback_that_was_not_ordered_is_not_told() -> None:
    m = rolled_back(succeeded=False, ordered=False)
    assert commands(m) == commands(VIOLATED)
    assert "what became" not in summary(m)


def test_as_many_annotations_as_github_shows() -> None:
    objectives = [f"p95 < {ms}ms" for ms in range(1, 16)] + [f"p99 < {s}s" for s in range(1, 16)]
    levels = [line.partition(" ")[0] for line in commands(judged(FULL, *objectives))]
    assert levels.count("::error") <= 10
    assert levels.count("::warning") <= 10


def test_a_command_stays_on_its_line() -> None:
    run = dataclasses.replace(FULL.run, failure="50 % of it\r\n::error::forged")
    first, *others = commands(dataclasses.replace(FULL, run=run))
    assert first.endswith("::The run could not be done: 50 %25 of it%0D%0A::error::forged")
    assert others == []


def test_outputs_are_plain_values() -> None:
    assert outputs(VIOLATED)["verdict"] == "FAIL"
    assert outputs(STARVED)["verdict"] == "INCONCLUSIVE"
    found = outputs(FULL)
    assert found == {
        "verdict": "PASS",
        "p95": "308.15",
        "error_rate": "0.75",
        "throughput": "26.4667",
        "run": "20250127T103000Z-3f2a91",
    }
    for value in found.values():
        assert re.fullmatch(r"[\w.-]+", value)


def test_outputs_without_numbers_are_empty() -> None:
    assert outputs(samples.empty_measurement()) == {
        "verdict": "FAIL",
        "p95": "",
        "error_rate": "",
        "throughput": "0",
        "run": "20250127T103000Z-3f2a91",
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("PASS", "name=PASS\n"),
        ("", "name=\n"),
        ("a=b", "name=a=b\n"),
        ("a\nforged=1", "name<<END\na\nforged=1\nEND\n"),
        ("a\nEND\nforged=1", "name<<END_\na\nEND\nforged=1\nEND_\n"),
        ("a\rb", "name<<END\na\rb\nEND\n"),
    ],
)
def test_no_value_assigns_another(value: str, text: str) -> None:
    assert assignments({"name": value}) == text
