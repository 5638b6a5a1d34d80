"""The result file of a canary verification (`--json`), a contract with everyone downstream.

Its JSON Schema is rollout/data/verification.schema.json; the tests check every result against it.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC
from typing import TYPE_CHECKING

from loadgen import result as run_result
from loadgen.json_text import digits, json_text
from rollout.canary.comparison_block import comparison_block, reason_block
from rollout.shadow import result_file

if TYPE_CHECKING:
    from loadgen.consequence import RollbackOutcome
    from loadgen.json_text import Json
    from rollout.canary.verification import Step, Verification

__all__ = ["SCHEMA", "dumps", "to_dict"]

SCHEMA = "loadgen.verification/1"
_TABLES = frozenset(
    {"reasons", "notes", "timeline", "resources", "objectives", "rows", "effects", "detectors"}
    | {"noise", "budgets", "unreadable", "examples"}
)


def to_dict(verification: Verification) -> dict[str, Json]:
    """The verification in the names and units of the result file."""
    v = verification
    return {
        "schema": SCHEMA,
        "verification": _about(v),
        "verdict": v.verdict.value,
        "accepted": v.accepted,
        "reasons": [reason_block(each) for each in v.reasons],
        "steps": [_step(each) for each in v.steps],
        "shadow": result_file.to_dict(v.shadow) if v.shadow else None,
        "load_test": run_result.to_dict(v.load_test) if v.load_test else None,
        "comparison": comparison_block(v.comparison) if v.comparison else None,
        "rollback": _rollback(v.rollback) if v.rollback else None,
    }


def dumps(verification: Verification) -> str:
    """The result file's text."""
    return json_text(to_dict(verification), tables=_TABLES)


def _about(v: Verification) -> dict[str, Json]:
    started_at = v.started_at.astimezone(UTC).isoformat(timespec="milliseconds")
    return {
        "id": v.id,
        "started_at": started_at.replace("+00:00", "Z"),
        "seconds": round(v.seconds, 3),
        "environment": v.environment,
        "canary_url": v.canary_url,
        "production_url": v.production_url,
        "baseline_url": v.baseline_url,
        "compared_url": v.compared_url,
        "preflight": v.preflight,
        "warnings": list(v.warnings),
        "on_inconclusive": v.on_inconclusive.value,
        "interrupted": v.interrupted,
        "failure": v.failure,
    }


def _step(step: Step) -> dict[str, Json]:
    return {
        "name": step.name.value,
        "verdict": step.verdict.value if step.verdict else None,
        "skipped": step.skipped,
        "seconds": round(step.seconds, 3),
        "reasons": [reason_block(each) for each in step.reasons],
        "notes": [reason_block(each) for each in step.notes],
    }


def _rollback(rollback: RollbackOutcome) -> dict[str, Json]:
    seconds = digits(rollback.seconds)
    return {
        **dataclasses.asdict(rollback),
        "seconds": seconds,
        "seconds_to_safe": seconds if rollback.succeeded else None,
        "output": list(rollback.output),
    }
