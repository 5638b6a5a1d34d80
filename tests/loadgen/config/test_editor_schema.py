"""The JSON Schema of loadgen.yml."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
import yaml
from pydantic import ValidationError

from loadgen.config.editor_schema import json_schema
from loadgen.config.model import Config

ROOT = Path(__file__).resolve().parents[3]


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
