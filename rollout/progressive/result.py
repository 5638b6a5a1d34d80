"""The result file of a rollout (`--json`), a contract with everyone downstream.

Its JSON Schema is rollout/data/rollout.schema.json; the tests check every result against it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from loadgen.json_text import json_text

if TYPE_CHECKING:
    from loadgen.json_text import Json
    from rollout.progressive.account import Account, StageAccount
    from rollout.progressive.entry import Entry
    from rollout.progressive.history import HeldSecond

__all__ = ["SCHEMA", "dumps", "to_dict"]

SCHEMA = "loadgen.rollout/1"
_TABLES = frozenset({"reasons", "opinions", "audit", "timeline"})


def to_dict(account: Account) -> dict[str, Json]:
    """The rollout in the names and units of the result file."""
    record, state = account.record, account.state
    rollout = record.rollout
    return {
        "schema": SCHEMA,
        "rollout": {
            "id": rollout.id,
            "deployment": rollout.deployment,
            "namespace": rollout.namespace,
            "begun_at": rollout.begun_at,
            "ended_at": account.ended_at,
            "who": rollout.who,
            "why": rollout.why,
        },
        "verdict": account.verdict.value,
        "phase": state.phase.value,
        "stage": state.stage,
        "weight_percent": state.weight_percent,
        "reasons": [
            {
                "endpoint": None,
                "detector": "stage",
                "ratio": None,
                "since_s": None,
                "text": account.reason,
            }
        ],
        "stages": [_stage(each) for each in account.stages],
        "rollback": {
            "ordered": account.rollback.ordered,
            "succeeded": account.rollback.succeeded,
            "seconds_to_safe": account.rollback.seconds_to_safe,
            "text": account.rollback.text,
        },
        "timeline": [
            {
                "visit": each.visit,
                "t_s": each.t_s,
                "at": each.at,
                **cast("dict[str, Json]", each.row),
            }
            for each in record.seconds
        ],
        "audit": [_audit(each) for each in record.entries],
    }


def dumps(account: Account) -> str:
    """The result file's text."""
    return json_text(to_dict(account), tables=_TABLES)


def _stage(stage: StageAccount) -> dict[str, Json]:
    return {
        "name": stage.name,
        "percentage": stage.percentage,
        "duration_s": stage.duration_s,
        "verdict": stage.verdict.value if stage.verdict else None,
        "text": stage.text,
        "began_at": stage.began_at or None,
        "ended_at": stage.ended_at or None,
        "proof": stage.proof,
        "opinions": [cast("Json", dict(each)) for each in stage.opinions],
    }


def _second(second: HeldSecond) -> dict[str, Json]:
    row = cast("dict[str, Json]", second.row)
    return {"visit": second.visit, "t_s": second.t_s, "at": second.at, **row}


def _audit(entry: Entry) -> dict[str, Json]:
    return {
        "at": entry.at,
        "kind": entry.kind.value,
        "key": entry.key,
        "who": entry.who,
        "text": entry.text,
        "phase": entry.state.phase.value if entry.state else None,
    }
