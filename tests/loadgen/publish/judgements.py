"""Judgements as a gate would give them."""

from __future__ import annotations

import dataclasses

from loadgen.measurement import Measurement
from slo.verdict import Judgement, Verdict

__all__ = ["PASSED", "UNDECIDED", "VIOLATED", "judged"]

PASSED = Judgement(verdict=Verdict.PASS, findings=(), violations=())
VIOLATED = Judgement(
    verdict=Verdict.FAIL,
    findings=(),
    violations=(
        "P95 latency 350.2ms exceeds threshold 250ms",
        "Error rate 1.2% exceeds threshold 0.5%",
    ),
)
UNDECIDED = Judgement(verdict=Verdict.INCONCLUSIVE, findings=(), violations=())


def judged(measurement: Measurement, judgement: Judgement | None) -> Measurement:
    """The same run with this verdict on its objectives."""
    return dataclasses.replace(measurement, slo=judgement)
