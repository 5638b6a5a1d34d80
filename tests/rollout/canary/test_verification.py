"""The verdict of all steps together."""

from __future__ import annotations

import pytest

from rollout.canary.verification import Step, StepName, overall
from slo.canary import CanaryVerdict

PASS, FAIL, INCONCLUSIVE, INVALID = (
    CanaryVerdict.PASS,
    CanaryVerdict.FAIL,
    CanaryVerdict.INCONCLUSIVE,
    CanaryVerdict.INVALID,
)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ((PASS, PASS, PASS), PASS),
        ((None, None, PASS), PASS),
        ((PASS, None, FAIL), FAIL),
        ((INVALID, FAIL, None), FAIL),
        ((PASS, INVALID, INCONCLUSIVE), INVALID),
        ((None, PASS, INCONCLUSIVE), INCONCLUSIVE),
        ((None, None, None), INCONCLUSIVE),
    ],
    ids=[
        "all pass",
        "what was skipped says nothing",
        "one failure decides",
        "a failure that was proven stays",
        "what cannot be trusted is worse than what is not known",
        "not known is no pass",
        "nothing done, nothing known",
    ],
)
def test_overall(verdicts: tuple[CanaryVerdict | None, ...], expected: CanaryVerdict) -> None:
    steps = [
        Step(name=name, verdict=verdict) for name, verdict in zip(StepName, verdicts, strict=True)
    ]
    assert overall(steps) is expected
