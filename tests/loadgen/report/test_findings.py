"""Objectives in words: values with units, and a sentence for what is not met."""

from __future__ import annotations

import dataclasses
import math

import pytest

from loadgen.report.findings import amount, interval, limit, observed, sentence
from slo.grammar import parse
from slo.interval import Interval
from slo.metric import Unit
from slo.objective import Comparison
from slo.verdict import Finding, Verdict

SLOW = Finding(
    objective=parse("p95 <= 250ms"),
    verdict=Verdict.FAIL,
    observed=350.2,
    limit=250.0,
    comparison=Comparison.AT_MOST,
    unit=Unit.MS,
    n=15_750,
    interval=Interval(low=340.1, high=361.0),
)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (350.2, Unit.MS, "350.2 ms"),
        (1.2, Unit.PERCENT, "1.20 %"),
        (0.0, Unit.PERCENT, "0.00 %"),
        (1_050.3, Unit.PER_S, "1,050.3 req/sec"),
        (12.0, Unit.S, "12.0 s"),
        (None, Unit.MS, "–"),
        (math.inf, Unit.MS, "∞"),
        (-math.inf, Unit.PERCENT, "-∞"),
    ],
)
def test_a_value_with_its_unit(value: float | None, unit: Unit, text: str) -> None:
    assert amount(value, unit) == text


def test_a_violated_objective() -> None:
    assert observed(SLOW) == "350.2 ms"
    assert limit(SLOW) == "<= 250.0 ms"
    assert interval(SLOW) == "340.1 ms to 361.0 ms"
    assert sentence(SLOW) == "P95 latency 350.2ms exceeds threshold 250ms"


def test_an_objective_that_cannot_be_judged() -> None:
    unknown = dataclasses.replace(
        SLOW,
        verdict=Verdict.INCONCLUSIVE,
        observed=None,
        interval=None,
        reason="400 requests are too few for p99: it takes 500.",
    )
    assert observed(unknown) == "–"
    assert interval(unknown) == "–"
    assert sentence(unknown) == "400 requests are too few for p99: it takes 500"


def test_an_objective_that_is_met() -> None:
    assert sentence(dataclasses.replace(SLOW, verdict=Verdict.PASS)) == ""
