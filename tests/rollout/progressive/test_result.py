"""The result file of a rollout, held against its schema."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from rollout.progressive.account import account_of
from rollout.progressive.history import read_record
from rollout.progressive.result import dumps
from slo.canary import CanaryVerdict
from tests.rollout.progressive.rehearsal import STAGES, Rehearsal

SCHEMA = json.loads(
    resources.files("rollout").joinpath("data/rollout.schema.json").read_text("utf-8")
)


def result(folder: Path, verdicts: dict[str, CanaryVerdict]) -> dict[str, Any]:
    """The result of a rollout, found right by its schema."""
    rehearsal = Rehearsal(folder=folder, verdicts=verdicts)
    rehearsal.drive()
    found: dict[str, Any] = json.loads(dumps(account_of(read_record(rehearsal.path), STAGES)))
    jsonschema.validate(found, SCHEMA)
    return found


@pytest.mark.parametrize(
    ("verdicts", "verdict", "phase", "stages", "ordered"),
    [
        ({}, "PASS", "promoted", ["PASS", "PASS"], False),
        ({"5%": CanaryVerdict.FAIL}, "FAIL", "rolled back", ["FAIL", None], True),
        ({"5%": CanaryVerdict.INVALID}, "INCONCLUSIVE", "paused", ["INVALID", None], False),
    ],
)
def test_what_is_told(
    *,
    verdicts: dict[str, CanaryVerdict],
    verdict: str,
    phase: str,
    stages: list[str | None],
    ordered: bool,
    tmp_path: Path,
) -> None:
    found = result(tmp_path, verdicts)
    assert (found["verdict"], found["phase"]) == (verdict, phase)
    assert [stage["verdict"] for stage in found["stages"]] == stages
    assert found["rollback"]["ordered"] is ordered
    assert (found["rollback"]["seconds_to_safe"] is not None) is ordered
    assert found["audit"][0]["key"] == "begin"
    assert found["timeline"][0]["split"] == {"stable": 950, "canary": 50}


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema": "loadgen.rollout/1"}, SCHEMA)
