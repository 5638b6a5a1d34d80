"""slo.verdict: how verdicts add up."""

from __future__ import annotations

import pytest

from slo.grammar import parse
from slo.metric import Unit
from slo.objective import Comparison
from slo.verdict import Finding, Judgement, Verdict, worst

PASS, INCONCLUSIVE, FAIL = Verdict


def finding(verdict: Verdict, *, text: str = "p95 < 1ms", certain: bool = False) -> Finding:
    return Finding(
        objective=parse(text),
        verdict=verdict,
        observed=1.0,
        limit=1.0,
        comparison=Comparison.BELOW,
        unit=Unit.MS,
        n=10,
        interval=None,
        certain=certain,
    )


def judgement(*findings: Finding) -> Judgement:
    return Judgement(verdict=worst(f.verdict for f in findings), findings=findings, violations=())


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], INCONCLUSIVE),
        ([PASS, PASS], PASS),
        ([PASS, INCONCLUSIVE], INCONCLUSIVE),
        ([INCONCLUSIVE, FAIL, PASS], FAIL),
    ],
)
def test_the_worst(verdicts: list[Verdict], expected: Verdict) -> None:
    assert worst(verdicts) is expected


@pytest.mark.parametrize(
    ("findings", "abort"),
    [
        pytest.param([finding(FAIL)], False, id="nobody asked"),
        pytest.param([finding(PASS, text="p95 < 1ms, abort")], False, id="not violated"),
        pytest.param([finding(PASS), finding(FAIL, text="p95 < 1ms, abort")], True, id="violated"),
    ],
)
def test_a_violation_aborts_when_it_is_asked_to(findings: list[Finding], abort: bool) -> None:
    assert judgement(*findings).abort is abort


@pytest.mark.parametrize(
    ("findings", "certain"),
    [
        pytest.param([], False, id="nothing to judge"),
        pytest.param([finding(PASS, certain=True), finding(PASS)], False, id="one open"),
        pytest.param([finding(PASS, certain=True)] * 2, True, id="all passed"),
        pytest.param([finding(PASS), finding(FAIL, certain=True)], True, id="one failed"),
        pytest.param([finding(PASS), finding(FAIL)], False, id="failed so far"),
    ],
)
def test_certainty(findings: list[Finding], certain: bool) -> None:
    assert judgement(*findings).certain is certain
