"""The models of loadgen.yml, and its JSON Schema."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
import yaml
from pydantic import BaseModel, ValidationError

from loadgen.config.model import (
    Config,
    EndpointOptions,
    Environment,
    Latency,
    ListedEndpoint,
    LoadTest,
    Thresholds,
    endpoint_values,
    header_pairs,
    json_schema,
    keys_of,
    section_at,
)
from loadgen.config.publish_section import PublishSection, PushgatewaySection, SlackSection
from loadgen.config.watch_section import PrometheusSection, WatchSection
from loadgen.endpoint import Endpoint
from loadgen.plan import Plan

ROOT = Path(__file__).resolve().parents[3]


def test_endpoints_by_path() -> None:
    options = {"weight": "2", "method": "POST", "body": "ä", "name": "n", "headers": {"A": "1"}}
    load_test = LoadTest.model_validate({"endpoints": {"/a": "0.25", "/b": options}})
    assert endpoint_values(load_test.endpoints) == (
        Endpoint(path="/a", weight=0.25),
        Endpoint(
            path="/b", weight=2.0, method="POST", body=b"\xc3\xa4", name="n", headers=(("A", "1"),)
        ),
    )


def test_endpoints_in_a_list_may_share_a_path() -> None:
    load_test = LoadTest.model_validate(
        {"endpoints": [{"path": "/a"}, {"path": "/a", "method": "DELETE"}]}
    )
    assert [each.label for each in endpoint_values(load_test.endpoints)] == ["/a", "DELETE /a"]


@pytest.mark.parametrize(
    ("endpoints", "message"),
    [
        (
            {"/a": "0", "/b": "0.0"},
            "found only weights of zero, expected one above 0: nothing would be sent",
        ),
        ({}, "found no endpoint, expected at least one path with its weight"),
        ([], "found no endpoint, expected at least one path with its weight"),
        (
            [{"path": "/a"}, {"path": "/a"}],
            "found '/a' twice, expected names that differ; give one a name of its own",
        ),
        ({"/a": None}, "found nothing, expected a weight or options such as method"),
        ({"/a": "-1"}, "found '-1', expected a number from 0 to 1000000000"),
    ],
)
def test_endpoints_that_cannot_be_sent(endpoints: object, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        LoadTest.model_validate({"endpoints": endpoints})
    assert [str(error["ctx"]["error"]) for error in caught.value.errors()] == [message]


def test_headers_in_either_form() -> None:
    mapping = LoadTest.model_validate({"headers": {"A": "1", "B": "2"}})
    lines = LoadTest.model_validate({"headers": ["A: 1", "B: 2"]})
    assert header_pairs(mapping.headers) == header_pairs(lines.headers) == (("A", "1"), ("B", "2"))
    assert header_pairs(LoadTest().headers) == ()


def test_a_body_comes_from_one_place() -> None:
    values = {"body": "x", "body_file": "y"}
    with pytest.raises(ValidationError, match="found body and body_file, expected one of them"):
        LoadTest.model_validate(values, context={"read_body": lambda _: b""})


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ((), Config),
        (("load_test",), LoadTest),
        (("thresholds",), Thresholds),
        (("thresholds", "latency"), Latency),
        (("environments", "load_test"), Environment),
        (("environments", "x", "load_test"), LoadTest),
        (("load_test", "endpoints", "mapping", "/a"), EndpointOptions),
        (("load_test", "endpoints", "list", 0), ListedEndpoint),
        (("publish",), PublishSection),
        (("publish", "pushgateway"), PushgatewaySection),
        (("publish", "slack"), SlackSection),
        (("watch",), WatchSection),
        (("watch", "prometheus"), PrometheusSection),
    ],
)
def test_the_section_at_a_place(path: tuple[int | str, ...], section: type[BaseModel]) -> None:
    assert section_at(path) is section


def test_keys_are_named_as_they_are_written() -> None:
    assert "json" in keys_of(LoadTest)
    assert "json_file" not in keys_of(LoadTest)


def test_every_number_of_a_plan_may_stand_in_the_file() -> None:
    """A field that the plan grows needs a key, or its reason here."""
    api_only = {"further_targets", "paired", "allow", "limits", "content_type"}
    told_otherwise = {
        "stage_unit": "stages_of",
        "environment": "",
        "tls": "tls_min",
        "local_addresses": "local_address",
        "checks": "expect_status",
    }
    fields = {name.removesuffix("_s").removesuffix("_rps") for name in Plan.__dataclass_fields__}
    expected = {told_otherwise.get(name, name) for name in fields - api_only} - {""}
    assert expected <= set(keys_of(LoadTest))


def test_the_schema_that_ships_is_up_to_date() -> None:
    shipped = resources.files("loadgen").joinpath("data/config.schema.json").read_text("utf-8")
    assert json.loads(shipped) == json_schema(), (
        "run: python -m loadgen config schema > loadgen/data/config.schema.json"
    )


@pytest.mark.parametrize(
    "path",
    [
        "examples/loadgen.yml",
        "tests/fixtures/guide/custom-endpoint-weights.yml",
        "tests/fixtures/guide/performance-configuration.yml",
        "tests/fixtures/guide/service-level-objectives.yml",
    ],
)
def test_the_schema_takes_what_the_models_take(path: str) -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(yaml.safe_load((ROOT / path).read_text("utf-8")), schema)


@pytest.mark.parametrize(
    "document",
    [
        {"load_tset": {}},
        {"load_test": {"durtion": 1}},
        {"load_test": {"target": None}},
        {"load_test": {"pattern": "wave"}},
        {"load_test": {"endpoints": {"/a": {"weigth": 1}}}},
        {"load_test": {"endpoints": [{"weight": 1}]}},
        {"environments": {"staging": None}},
    ],
)
def test_the_schema_refuses_what_the_models_refuse(document: object) -> None:
    with pytest.raises(ValidationError):
        Config.model_validate(document)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, json_schema())
