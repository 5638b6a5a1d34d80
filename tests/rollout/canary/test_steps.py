"""What each step says of the canary."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from loadgen.measurement import Measurement
from rollout.canary.steps import after_comparison, after_load_test, after_shadow, skipped
from rollout.canary.verification import StepName
from rollout.shadow.result import ShadowResult, Sides
from slo.canary import CanaryVerdict
from slo.detector import Detector
from slo.validity import Validity
from tests.loadgen import judged, samples
from tests.rollout.canary.samples import comparison


def _invalid() -> Measurement:
    measurement = judged.violated()
    health = dataclasses.replace(
        measurement.health, verdict=Validity.INVALID, reasons=("It was saturated.",)
    )
    return dataclasses.replace(measurement, health=health)


@pytest.mark.parametrize(
    ("measurement", "verdict", "detector", "text"),
    [
        (judged.passed(), CanaryVerdict.PASS, Detector.OBJECTIVE, "kept its objectives: "),
        (judged.violated(), CanaryVerdict.FAIL, Detector.OBJECTIVE, "exceeds threshold"),
        (judged.undecided(), CanaryVerdict.INCONCLUSIVE, Detector.DATA, ""),
        (samples.measurement(), CanaryVerdict.INCONCLUSIVE, Detector.DATA, "had no objectives"),
        (_invalid(), CanaryVerdict.INVALID, Detector.GENERATOR, "It was saturated."),
    ],
    ids=["kept", "violated", "undecided", "held against nothing", "not to be trusted"],
)
def test_a_load_test(
    measurement: Measurement, verdict: CanaryVerdict, detector: Detector, text: str
) -> None:
    step = after_load_test(measurement)
    assert step.verdict is verdict
    assert {reason.detector for reason in step.reasons} == {detector}
    assert text in step.reasons[0].text


def test_a_comparison_is_judged_by_its_judge() -> None:
    result = comparison("broken")
    step = after_comparison(result)
    assert step.verdict is CanaryVerdict.FAIL
    assert step.reasons == result.judgement.reasons


def test_a_shadow_test_brings_its_sentences() -> None:
    result = ShadowResult(
        source="access.log",
        sides=Sides(production="http://prod.test", canary="http://canary.test"),
        started_at=datetime(2026, 11, 24, tzinfo=UTC),
        duration_s=60.0,
        seen=100,
        pairs=100,
        mismatched=30,
        unproven=0,
        max_mismatch_ratio=0.01,
        verdict=CanaryVerdict.FAIL,
        reasons=("30 % of the pairs differ.",),
    )
    step = after_shadow(result)
    assert (step.name, step.verdict) == (StepName.SHADOW, CanaryVerdict.FAIL)
    assert [reason.text for reason in step.reasons] == ["30 % of the pairs differ."]


def test_what_was_skipped_has_no_verdict() -> None:
    step = skipped(StepName.SHADOW, "--skip shadow")
    assert step.verdict is None
    assert step.skipped == "--skip shadow"
