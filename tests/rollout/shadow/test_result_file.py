"""The result file: its schema, its numbers, and the way back."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import jsonschema
import pytest

from loadgen.errors import ConfigError
from rollout.shadow.result import ShadowResult
from rollout.shadow.result_file import dumps, from_dict, read_result, to_dict
from tests.rollout.shadow.samples import empty_result, failed_result, noisy_result

SCHEMA = json.loads(
    resources.files("rollout").joinpath("data/shadow.schema.json").read_text("utf-8")
)
RESULTS = {"failed": failed_result(), "noisy": noisy_result(), "empty": empty_result()}


@pytest.fixture(params=RESULTS)
def result(request: pytest.FixtureRequest) -> ShadowResult:
    return RESULTS[request.param]


def test_every_result_keeps_to_the_schema(result: ShadowResult) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(
        SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(json.loads(dumps(result)))


def test_what_was_read_is_written_again(result: ShadowResult) -> None:
    text = dumps(result)
    assert dumps(from_dict(json.loads(text))) == text


def test_numbers() -> None:
    found = json.loads(dumps(RESULTS["failed"]))
    assert found["verdict"] == "FAIL"
    assert found["requests"] == {
        "seen": 1010,
        "compared": 1001,
        "not_compared": {"method not mirrored": 9},
    }
    assert found["mismatch"]["pairs"] == 101
    assert found["mismatch"]["percent"] == pytest.approx(100 * 101 / 1001, rel=1e-4)
    orders, users = found["endpoints"]
    assert orders["name"] == "GET /orders/{id}"
    assert orders["service_ms"]["ratio"] == pytest.approx(2, rel=0.01)
    price, mail = orders["fields"]
    if price["field"] != "$.items[*].price":
        price, mail = mail, price
    assert (price["kind"], price["canary_differs"]) == ("type", 100)
    assert price["examples"][0] == {
        "request": "GET /orders/0?token=***",
        "production": "1.5",
        "canary": '"1.5"',
    }
    assert mail["examples"][0]["production"] == '"***"'
    assert users["fields"][0]["part"] == "answer"


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "shadow.json"
    file.write_text(dumps(RESULTS["noisy"]), encoding="utf-8")
    assert to_dict(read_result(file)) == to_dict(RESULTS["noisy"])


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "loadgen.result/1"}', "null"])
def test_what_is_no_result(tmp_path: Path, text: str) -> None:
    file = tmp_path / "shadow.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="found no result of a shadow test"):
        read_result(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_result(tmp_path / "shadow.json")
