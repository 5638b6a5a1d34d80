"""JUnit XML: valid, complete, and as the tools that read it count."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from loadgen.measurement import Measurement
from loadgen.report.junit import render
from tests.loadgen import samples
from tests.loadgen.report.diagnosis.runs import judged

SCHEMA = xmlschema.XMLSchema(Path(__file__).parents[2] / "fixtures" / "junit.xsd")

FULL = samples.measurement(requests=400)
JUDGED = judged(FULL, "p95 < 25ms", "p99 < 2s", "error_rate < 10%", "throughput >= 1000/s")
STARVED = samples.measurement(requests=300, own_lag_p99_ms=200.0)


def suite(m: Measurement) -> ET.Element:
    text = render(m)
    SCHEMA.validate(text)
    assert text.endswith(">\n")
    [found] = ET.fromstring(text)
    return found


def outcomes(m: Measurement) -> list[tuple[str | None, str]]:
    """Each test case by its name, and the element that says why it did not pass."""
    return [
        (case.get("name"), next((part.tag for part in case if part.tag != "system-out"), "passed"))
        for case in suite(m).iter("testcase")
    ]


def test_the_schema_refuses_what_is_wrong() -> None:
    text = render(JUDGED)
    for wrong in (
        text.replace(' tests="6"', "", 2),
        text.replace('skipped="1"', 'skipped="one"'),
        text.replace("<failure ", "<error/><failure "),
    ):
        assert wrong != text
        assert not SCHEMA.is_valid(wrong)


def test_each_objective_is_a_test_case() -> None:
    assert outcomes(JUDGED) == [
        ("The run can be done", "passed"),
        ("The measurement can be trusted", "passed"),
        ("p95 < 25ms", "failure"),
        ("p99 < 2000ms", "skipped"),
        ("error_rate < 10%", "passed"),
        ("throughput >= 1000/s", "failure"),
    ]


def test_counts_are_those_of_the_test_cases() -> None:
    attributes = suite(JUDGED).attrib
    counts = [attributes[name] for name in ("tests", "failures", "errors", "skipped")]
    assert counts == ["6", "2", "0", "1"]
    whole = ET.fromstring(render(JUDGED)).attrib
    assert [whole[name] for name in ("tests", "failures", "errors")] == ["6", "2", "0"]


def test_times_add_up_to_the_run() -> None:
    found = suite(JUDGED)
    assert found.attrib["time"] == "15.000"
    assert sum(float(case.attrib["time"]) for case in found.iter("testcase")) == 15.0
    assert found.attrib["timestamp"] == "2025-01-27T10:30:00"


def test_a_failure_says_what_was_observed_and_a_skipped_one_why() -> None:
    failure = suite(JUDGED).find("testcase/failure")
    skipped = suite(JUDGED).find("testcase/skipped")
    assert failure is not None
    assert skipped is not None
    assert failure.attrib["message"] == "P95 latency 308.2ms exceeds threshold 25ms"
    assert str(failure.text).endswith("expected < 25 ms, of 400 requests")
    assert skipped.attrib["message"] == "400 requests are too few for p99: it takes 500"


def test_a_run_without_objectives_has_two_test_cases() -> None:
    assert outcomes(FULL) == [
        ("The run can be done", "passed"),
        ("The measurement can be trusted", "passed"),
    ]


def test_an_invalid_measurement_is_an_error() -> None:
    assert outcomes(STARVED)[1] == ("The measurement can be trusted", "error")
    error = suite(STARVED).find("testcase/error")
    assert error is not None
    assert error.attrib["message"].startswith("The generator itself sent late by 200 ms at p99")


def test_a_run_that_could_not_be_done_is_an_error() -> None:
    error = suite(samples.empty_measurement()).find("testcase/error")
    assert error is not None
    assert error.attrib["message"] == ("The run could not be done: worker 1 was killed by SIGKILL")


def test_a_run_that_was_ended_early_was_done() -> None:
    ended = dataclasses.replace(FULL, run=dataclasses.replace(FULL.run, interrupted=True))
    assert outcomes(ended)[0] == ("The run can be done", "passed")


@pytest.mark.parametrize(
    ("evil", "shown"),
    [
        ("</testsuite><!--", "</testsuite><!--"),
        ("\"'&<>]]>", "\"'&<>]]>"),
        ("a\tb\nc\rd", "a\tb\nc\rd"),
        ("\x00\x1b[31m\x0b\ufffe\ud800", "\ufffd\ufffd[31m\ufffd\ufffd\ufffd"),
        ("ж€😀", "ж€😀"),
    ],
)
def test_everything_is_escaped(evil: str, shown: str) -> None:
    m = dataclasses.replace(FULL, run=dataclasses.replace(FULL.run, environment=evil))
    values = {each.get("name"): each.get("value") for each in suite(m).iter("property")}
    assert values["environment"] == shown
