"""What the three steps of a verification say of the canary: a measurement in, a step out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollout.canary.verification import Step, StepName
from slo.canary import CanaryVerdict
from slo.detector import Detector
from slo.reason import Reason
from slo.sentence import violation
from slo.validity import Validity
from slo.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from loadgen.measurement import Measurement
    from rollout.canary.comparison import ComparisonResult
    from rollout.shadow.result import ShadowResult
    from slo.verdict import Judgement

__all__ = ["after_comparison", "after_load_test", "after_shadow", "skipped"]


def skipped(name: StepName, why: str) -> Step:
    """A step that was not done.

    Args:
        name: which.
        why: a sentence without a full stop.
    """
    return Step(name=name, verdict=None, skipped=why)


def after_shadow(result: ShadowResult) -> Step:
    """The step of mirrored traffic."""
    return Step(
        name=StepName.SHADOW,
        verdict=result.verdict,
        reasons=_said(Detector.SHADOW, result.reasons),
        notes=_said(Detector.SHADOW, result.notes),
    )


def after_load_test(measurement: Measurement) -> Step:
    """The step of the load test, by its objectives and by whether it can be trusted."""
    health, slo = measurement.health, measurement.slo
    if health.verdict is Validity.INVALID:
        return Step(
            name=StepName.LOAD_TEST,
            verdict=CanaryVerdict.INVALID,
            reasons=_said(Detector.GENERATOR, health.reasons),
        )
    if slo is None or slo.verdict is Verdict.INCONCLUSIVE:
        unknown = [each.reason for each in slo.findings if each.reason] if slo else []
        return Step(
            name=StepName.LOAD_TEST,
            verdict=CanaryVerdict.INCONCLUSIVE,
            reasons=_said(Detector.DATA, unknown or ["The load test had no objectives."]),
        )
    failed = slo.verdict is Verdict.FAIL
    return Step(
        name=StepName.LOAD_TEST,
        verdict=CanaryVerdict.FAIL if failed else CanaryVerdict.PASS,
        reasons=_broken(slo) if failed else _said(Detector.OBJECTIVE, [_kept(slo)]),
        notes=_said(Detector.GENERATOR, health.reasons),
    )


def after_comparison(result: ComparisonResult) -> Step:
    """The step of the comparison: the judge's verdict as it is."""
    return Step(
        name=StepName.COMPARISON,
        verdict=result.judgement.verdict,
        reasons=result.judgement.reasons,
        notes=result.judgement.notes,
    )


def _said(detector: Detector, sentences: Iterable[str]) -> tuple[Reason, ...]:
    """Sentences about everything together, as reasons."""
    return tuple(Reason(endpoint=None, detector=detector, text=text) for text in sentences)


def _broken(slo: Judgement) -> tuple[Reason, ...]:
    """One reason per objective that is violated."""
    return tuple(
        Reason(
            endpoint=finding.objective.scope,
            detector=Detector.OBJECTIVE,
            since_s=finding.since_s,
            text=f"Load test: {violation(finding)}.",
        )
        for finding in slo.findings
        if finding.verdict is Verdict.FAIL
    )


def _kept(slo: Judgement) -> str:
    kept = "; ".join(finding.objective.condition for finding in slo.findings)
    return f"The load test kept its objectives: {kept}."
