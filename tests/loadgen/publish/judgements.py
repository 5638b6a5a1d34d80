"""Judgements as a gate would give them."""

from __future__ import annotations

from slo.verdict import Judgement, Verdict

__all__ = ["PASSED", "VIOLATED"]

PASSED = Judgement(verdict=Verdict.PASS, findings=(), violations=())
VIOLATED = Judgement(
    verdict=Verdict.FAIL,
    findings=(),
    violations=(
        "P95 latency 350.2ms exceeds threshold 250ms",
        "Error rate 1.2% exceeds threshold 0.5%",
    ),
)
