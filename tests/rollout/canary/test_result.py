"""The result file of a verification: its schema, and what stands where."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from loadgen.consequence import RollbackOutcome
from rollout.canary.result import dumps
from rollout.canary.verification import Verification
from tests.loadgen import judged
from tests.rollout.canary import samples

SCHEMA = json.loads(files("rollout").joinpath("data/verification.schema.json").read_text("utf-8"))
RUN_SCHEMA = json.loads(files("loadgen").joinpath("data/result.schema.json").read_text("utf-8"))
ROLLED_BACK = RollbackOutcome(
    ordered=True,
    succeeded=True,
    attempts=1,
    seconds=1.25,
    output=("deployment rolled back",),
    text="Rolled back by kubectl in 1.2 s",
)


def result(verification: Verification) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(dumps(verification))
    return parsed


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(samples.verification, id="passed"),
        pytest.param(
            lambda: samples.verification("broken", rollback=ROLLED_BACK), id="rolled back"
        ),
        pytest.param(
            lambda: samples.verification(load_test=judged.violated()), id="with a load test"
        ),
        pytest.param(lambda: samples.verification("unanswered"), id="not comparable"),
    ],
)
def test_every_result_obeys_the_schema(build: Callable[[], Verification]) -> None:
    found = result(build())
    problems = [error.message for error in Draft202012Validator(SCHEMA).iter_errors(found)]
    if found["load_test"]:
        problems += [
            error.message
            for error in Draft202012Validator(RUN_SCHEMA).iter_errors(found["load_test"])
        ]
    assert problems == []


def test_the_schema_is_one_and_describes_every_field() -> None:
    Draft202012Validator.check_schema(SCHEMA)

    def walk(node: dict[str, Any], where: str) -> None:
        for name, part in node.get("properties", {}).items():
            described = "description" in part or "$ref" in part or "const" in part
            assert described, f"{where}.{name} has no description"
            walk(part, f"{where}.{name}")
            walk(part.get("items", {}), f"{where}.{name}[]")

    walk(SCHEMA, "")
    for name, part in SCHEMA["$defs"].items():
        walk(part, name)


def test_the_reasons_are_those_of_the_step_that_decided() -> None:
    found = result(samples.verification("broken"))
    assert found["verdict"] == "FAIL"
    assert not found["accepted"]
    assert found["reasons"] == found["steps"][2]["reasons"]
    assert found["reasons"][0]["endpoint"] == "/c"
    assert [step["verdict"] for step in found["steps"]] == [None, None, "FAIL"]


def test_a_rollback_says_how_long_it_took_to_be_safe() -> None:
    found = result(samples.verification("broken", rollback=ROLLED_BACK))
    assert found["rollback"]["seconds_to_safe"] == 1.25
