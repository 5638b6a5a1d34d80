"""The message: what it says, and that Slack would take it."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from loadgen.measurement import Measurement
from loadgen.publish.slack_message import slack_message
from slo.verdict import Judgement, Verdict
from tests.loadgen import samples
from tests.loadgen.publish.block_kit import problems
from tests.loadgen.publish.judgements import PASSED, UNDECIDED, VIOLATED, judged

FULL = samples.measurement()
SATURATED = samples.measurement(own_lag_p99_ms=900.0)


def many(violations: int, length: int) -> Judgement:
    texts = tuple(f"{number:04} {'x' * (length - 5)}" for number in range(violations))
    return Judgement(verdict=Verdict.FAIL, findings=(), violations=texts)


def endless(measurement: Measurement) -> Measurement:
    long = "http://" + "long" * 2000
    return dataclasses.replace(
        measurement, run=dataclasses.replace(measurement.run, target=long, environment=long)
    )


@pytest.mark.parametrize(
    ("measurement", "judgement", "link"),
    [
        pytest.param(FULL, None, "", id="no objectives"),
        pytest.param(FULL, VIOLATED, "https://ci.example.com/run/1", id="violated"),
        pytest.param(FULL, many(500, 100), "", id="many violations"),
        pytest.param(FULL, many(1, 5000), "", id="one endless violation"),
        pytest.param(endless(SATURATED), PASSED, "", id="endless names"),
        pytest.param(FULL, None, "https://" + "x" * 4000, id="a link that is too long"),
        pytest.param(samples.empty_measurement(), UNDECIDED, "", id="nothing sent"),
    ],
)
def test_slack_would_take_it(
    measurement: Measurement, judgement: Judgement | None, link: str
) -> None:
    assert problems(slack_message(judged(measurement, judgement), link=link)) == []


def texts(message: dict[str, Any]) -> list[str]:
    """All texts of the blocks, in their order."""
    found: list[str] = []
    for block in message["blocks"]:
        parts = [block["text"]] if "text" in block else block.get("fields") or block["elements"]
        found += [part["text"] if isinstance(part["text"], str) else part["url"] for part in parts]
    return found


def test_what_it_says() -> None:
    message = slack_message(judged(FULL, VIOLATED), link="https://ci.example.com/run/1")
    assert message["text"] == ":x: Load test FAILED: http://localhost:8000 (staging)"
    latency = FULL.total.latency
    assert texts(message) == [
        "Load test FAILED: staging",
        "• P95 latency 350.2ms exceeds threshold 250ms\n• Error rate 1.2% exceeds threshold 0.5%",
        "*Target*\nhttp://localhost:8000",
        "*Environment*\nstaging",
        "*Load*\nsustained, 100 users, 15s",
        "*Requests*\n15,760",
        "*Throughput*\n1,050.5 req/sec",
        "*Error rate*\n0.14 %",
        f"*P50*\n{latency.p50_ms:.1f} ms",
        f"*P95*\n{latency.p95_ms:.1f} ms",
        f"*P99*\n{latency.p99_ms:.1f} ms",
        "https://ci.example.com/run/1",
        "20250127T103000Z-3f2a91, 2025-01-27 10:30:00 UTC",
    ]


def test_many_violations_are_counted() -> None:
    why = texts(slack_message(judged(FULL, many(500, 100))))[1]
    shown = why.splitlines()
    assert len(why) <= 3000
    assert shown[-1] == f"and {500 - (len(shown) - 1)} more"


def test_numbers_that_are_about_the_generator_say_so() -> None:
    assert any(
        text.startswith("*INVALID*: the numbers are about the generator")
        for text in texts(slack_message(SATURATED))
    )


def test_a_name_cannot_call_everybody() -> None:
    run = dataclasses.replace(FULL.run, environment="<!channel> & co")
    message = slack_message(dataclasses.replace(FULL, run=run))
    fields = json.dumps(message["blocks"])
    assert "*Environment*\\n&lt;!channel&gt; &amp; co" in fields


@pytest.mark.parametrize(
    ("measurement", "judgement", "expected"),
    [
        (FULL, None, "PASSED"),
        (FULL, PASSED, "PASSED"),
        (FULL, VIOLATED, "FAILED"),
        (FULL, UNDECIDED, "INCONCLUSIVE"),
        (SATURATED, PASSED, "INCONCLUSIVE"),
        (samples.empty_measurement(), UNDECIDED, "FAILED"),
    ],
)
def test_the_title_is_the_worse_of_run_and_objectives(
    measurement: Measurement, judgement: Judgement | None, expected: str
) -> None:
    title = texts(slack_message(judged(measurement, judgement)))[0]
    assert title == f"Load test {expected}: staging"
