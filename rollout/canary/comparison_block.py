"""A comparison in the names and units of a result file. Pure.

Evidence is written of the detectors that came nearest to a proof, second by second: with many
endpoints there are a hundred of them, and most have nothing to tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.json_text import digits, interval_ends
from loadgen.summary import summarise
from slo.metric import Phase

if TYPE_CHECKING:
    from loadgen.json_text import Json
    from rollout.canary.comparison import ComparisonOptions, ComparisonResult, ComparisonRun
    from rollout.canary.second import ArmSecond, ComparisonSecond
    from slo.calibration import Calibration
    from slo.effect import Effect
    from slo.policy import Policy
    from slo.reason import Reason
    from slo.sample import Counts

__all__ = ["CURVES", "comparison_block", "nearest_to_proof", "reason_block"]

CURVES = 12
"""Detectors whose evidence is written second by second."""


def comparison_block(result: ComparisonResult) -> dict[str, Json]:
    """The whole comparison."""
    judgement = result.judgement
    return {
        **_options(result.options),
        "policy": _policy(result.options.policy),
        "seconds": judgement.seconds,
        "verdict": judgement.verdict.value,
        "runs": [_run(each) for each in result.runs],
        "calibration": _calibration(result.calibration),
        "effects": [
            {"endpoint": look.scope, "subject": look.subject, **_effect(effect)}
            for look, effect in result.effects.items()
        ],
        "detectors": _detectors(result),
        "rows": [_row(each) for each in result.rows],
    }


def reason_block(reason: Reason) -> dict[str, Json]:
    """One thing that a verdict rests on."""
    return {
        "endpoint": reason.endpoint,
        "detector": reason.detector.value,
        "ratio": digits(reason.ratio),
        "since_s": digits(reason.since_s),
        "text": reason.text,
    }


def nearest_to_proof(result: ComparisonResult, most: int = CURVES) -> tuple[int, ...]:
    """Indices into the looks whose evidence came nearest to what proves it, the nearest first.

    Args:
        result: of a comparison.
        most: how many.
    """
    rows = [row.evidence for row in result.rows if row.evidence]
    parts = [
        max((row[index] for row in rows), default=each.log_evidence) / each.needed
        for index, each in enumerate(result.judgement.evidence)
    ]
    order = sorted(range(len(parts)), key=lambda index: -parts[index])
    return tuple(order[:most])


def _options(options: ComparisonOptions) -> dict[str, Json]:
    return {
        "baseline_url": options.baseline_url,
        "canary_url": options.canary_url,
        "rate_rps": digits(options.rate_rps),
        "duration_s": digits(options.duration_s),
        "max_duration_s": digits(options.max_duration_s),
    }


def _policy(policy: Policy) -> dict[str, Json]:
    return {
        "alpha": digits(policy.alpha),
        "margin_percent": digits(100 * policy.margin.ratio),
        "margin_points": digits(policy.margin.error_points),
        "matters_ratio": digits(policy.ratio),
        "matters_points": digits(policy.error_points),
    }


def _run(run: ComparisonRun) -> dict[str, Json]:
    return {
        "phase": run.phase.value,
        "id": run.id,
        "seconds": run.seconds,
        "validity": {
            "verdict": run.health.verdict.value,
            "reasons": list(run.health.reasons),
            "notes": list(run.health.notes),
        },
        "complete": run.complete,
        "baseline": _counts(run.baseline),
        "canary": _counts(run.canary),
        "failure": run.failure,
        "interrupted": run.interrupted,
    }


def _counts(counts: Counts) -> dict[str, Json]:
    times = summarise(counts.time(Phase.LATENCY))
    return {
        "finished": counts.finished,
        "failed": counts.failed,
        "status_codes": {str(code): n for code, n in sorted(counts.status_codes.items()) if n},
        "latency_ms": {
            "n": times.n,
            **{name: digits(value_ms) for name, value_ms in times.percentiles_ms.items()},
        },
    }


def _calibration(calibration: Calibration) -> dict[str, Json]:
    return {
        "seconds": calibration.seconds,
        "valid": calibration.valid,
        "noise": [
            {
                "endpoint": each.scope,
                "subject": each.fault.text,
                "bad": each.usual.bad,
                "n": each.usual.n,
                "dispersion": digits(each.dispersion),
                "burst_s": digits(each.burst_s),
                "block_s": each.block_s,
                "disturbed_ratio": digits(each.disturbed_ratio),
                "differs": each.differs,
            }
            for each in calibration.noise
        ],
        "budgets": [
            {
                "endpoint": each.objective.scope,
                "objective": each.objective.condition,
                "bad": each.seen.bad,
                "n": each.seen.n,
                "budget_percent": digits(100 * each.budget),
            }
            for each in calibration.usual
        ],
    }


def _effect(effect: Effect) -> dict[str, Json]:
    return {
        "unit": effect.unit.value,
        "baseline": digits(effect.baseline),
        "canary": digits(effect.canary),
        "ratio": digits(effect.ratio),
        "interval": interval_ends(effect.interval),
        "bootstrapped": effect.bootstrapped,
        "worse": effect.worse,
    }


def _detectors(result: ComparisonResult) -> list[Json]:
    told = set(nearest_to_proof(result))
    rows = [row.evidence for row in result.rows if row.evidence]
    return [
        {
            "endpoint": each.look.scope,
            "detector": each.look.detector.value,
            "subject": each.look.subject,
            "alpha": digits(each.alpha),
            "needed": digits(each.needed),
            "proven": each.proven,
            "log_evidence": digits(each.log_evidence),
            "evidence": [round(row[index], 3) for row in rows] if index in told else None,
        }
        for index, each in enumerate(result.judgement.evidence)
    ]


def _row(row: ComparisonSecond) -> dict[str, Json]:
    return {
        "phase": row.phase.value,
        "t_s": round(row.t_s, 3),
        "baseline": _arm(row.baseline),
        "canary": _arm(row.canary),
    }


def _arm(arm: ArmSecond) -> dict[str, Json]:
    return {
        "finished": arm.finished,
        "failed": arm.failed,
        "p50": digits(arm.p50_ms),
        "p95": digits(arm.p95_ms),
        "p99": digits(arm.p99_ms),
    }
