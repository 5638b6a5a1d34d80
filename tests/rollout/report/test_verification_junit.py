"""The test cases of a verification: valid, and failed where something was proven."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import xmlschema

from rollout.canary.result import dumps
from rollout.canary.verification import Verification
from rollout.report.verification_junit import render, render_result
from tests.rollout.canary import samples
from tests.rollout.report import verified

SCHEMA = xmlschema.XMLSchema(Path(__file__).parents[2] / "fixtures" / "junit.xsd")


def outcomes(verification: Verification) -> dict[str | None, str]:
    text = render(verification)
    SCHEMA.validate(text)
    [suite] = ET.fromstring(text)
    return {
        case.get("name"): next((each.tag for each in case if each.tag != "system-out"), "passed")
        for case in suite.iter("testcase")
    }


def test_a_failed_step_is_a_failure_and_so_is_what_was_proven() -> None:
    found = outcomes(verified.full())
    assert found["The verification can be done"] == "passed"
    assert [found[name] for name in ("Shadow", "Load test", "Comparison")] == ["failure"] * 3
    assert found["p95 <= 250ms"] == "failure"
    assert found["error_rate <= 0.5%"] == "passed"
    assert found["p95 of all endpoints"] == "failure"
    assert found["errors of all endpoints"] == "passed"
    assert found["p95 of /a"] == "passed"


def test_what_was_not_done_is_skipped() -> None:
    found = outcomes(verified.passed())
    assert [found[name] for name in ("Shadow", "Load test", "Comparison")] == [
        "skipped",
        "skipped",
        "passed",
    ]


def test_what_is_not_about_the_canary_is_an_error() -> None:
    assert outcomes(verified.uncompared())["Comparison"] == "error"
    failed = samples.verification(failure="worker 1 was killed by SIGKILL")
    assert outcomes(failed)["The verification can be done"] == "error"


def test_names_that_are_markup_stay_text() -> None:
    SCHEMA.validate(render(verified.evil()))


def test_a_result_that_was_kept_gives_the_same_test_cases() -> None:
    verification = verified.full()
    assert render_result(json.loads(dumps(verification))) == render(verification)
