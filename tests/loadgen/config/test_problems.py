"""pydantic's errors as sentences with places."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from loadgen.config.model import Config
from loadgen.config.problems import document_problems, sentence
from loadgen.config.yaml_marks import read_yaml


def _problems(text: str) -> list[str]:
    document = read_yaml(text, "f.yml")
    with pytest.raises(ValidationError) as caught:
        Config.model_validate(document.value)
    return document_problems(caught.value, document)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "load_test: {durtion: 5m}",
            "f.yml:1:13 load_test.durtion: found an unknown key, expected a key of load_test; "
            "did you mean duration?",
        ),
        (
            "duration: 5m",
            "f.yml:1:1 duration: found an unknown key, expected a key of the file; "
            "did you mean load_test.duration?",
        ),
        (
            "error_rate: 1",
            "f.yml:1:1 error_rate: found an unknown key, expected a key of the file; "
            "did you mean thresholds.error_rate?",
        ),
        (
            "load_test: {thresholds: {}}",
            "f.yml:1:13 load_test.thresholds: found an unknown key, expected a key of load_test; "
            "did you mean thresholds, at the top of the file?",
        ),
        (
            "staging: {thresholds: {error_rate: 1}}",
            "f.yml:1:1 staging: found an unknown key, expected a key of the file; "
            "did you mean environments.staging?",
        ),
        (
            "xyz: 1",
            "f.yml:1:1 xyz: found an unknown key, "
            "expected load_test, thresholds, environment, environments, objectives, rollback, "
            "history, regression, publish, watch, canary, rollout, shadow, "
            "targets or limits",
        ),
        (
            "load_test: {endpoints: {/a: {weigth: 1}}}",
            "f.yml:1:30 load_test.endpoints./a.weigth: found an unknown key, "
            "expected a key of /a; did you mean weight?",
        ),
        (
            "load_test: {endpoints: [{weight: 1}]}",
            "f.yml:1:25 load_test.endpoints.0: found no path, expected it here",
        ),
        (
            "load_test: {endpoints: /a}",
            "f.yml:1:24 load_test.endpoints: found '/a', expected a mapping",
        ),
        ("load_test: [a]", "f.yml:1:12 load_test: found a list, expected a mapping"),
        ("load_test:", "f.yml:1:11 load_test: found nothing, expected keys such as target"),
        (
            "load_test: {endpoints: {a: 1}}",
            "f.yml:1:25 load_test.endpoints.a: found 'a', expected a path that starts with / "
            "and is percent-encoded; did you mean /a?",
        ),
        (
            "thresholds: {latency: {p50: fast}}",
            "f.yml:1:29 thresholds.latency.p50: found 'fast', expected a number of 0 or more",
        ),
    ],
)
def test_a_mistake_and_its_sentence(text: str, problem: str) -> None:
    assert _problems(text) == [problem]


def test_mistakes_come_in_the_order_of_the_file() -> None:
    text = "thresholds:\n  error_rate: 101\nload_test:\n  rate:\n  pin: 3\n  c: 1\n"
    assert [problem.split()[0] for problem in _problems(text)] == [
        "f.yml:2:15",
        "f.yml:4:8",
        "f.yml:5:8",
        "f.yml:6:3",
    ]


def test_an_error_of_a_kind_that_nobody_foresaw_is_still_a_sentence() -> None:
    text = sentence({"type": "odd", "loc": ("x",), "msg": "Odd", "input": 1}, found="1")
    assert text == "found '1', expected otherwise: Odd"
