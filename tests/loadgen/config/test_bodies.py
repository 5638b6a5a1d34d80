"""Bodies made of values."""

from __future__ import annotations

import json
from typing import Annotated
from urllib.parse import parse_qsl

import pytest
from pydantic import TypeAdapter, ValidationError

from loadgen.config import bodies
from loadgen.config.yaml_marks import read_yaml

JSON: TypeAdapter[bytes] = TypeAdapter(Annotated[bytes, bodies.json_body()])
FORM: TypeAdapter[bytes] = TypeAdapter(Annotated[bytes, bodies.form()])


def _yaml(text: str) -> object:
    return read_yaml(text, "f.yml").value


def test_values_without_quotes_are_what_json_takes_them_for() -> None:
    text = (
        "{whole: 5, minus: -1.5e3, yes: true, no: false, none: null, empty: , version: '1.10', "
        'text: on, quoted: "5", hex: 0x10, lead: 007, list: [1, [a, {b: 2}]], mapping: {}}'
    )
    assert json.loads(JSON.validate_python(_yaml(text))) == {
        "whole": 5,
        "minus": -1500.0,
        "yes": True,
        "no": False,
        "none": None,
        "empty": None,
        "version": "1.10",
        "text": "on",
        "quoted": "5",
        "hex": "0x10",
        "lead": "007",
        "list": [1, ["a", {"b": 2}]],
        "mapping": {},
    }


def test_json_is_compact_and_utf_8() -> None:
    assert JSON.validate_python(_yaml("{a: [1, é]}")) == '{"a":[1,"é"]}'.encode()


def test_text_is_json_already_and_sent_as_it_is() -> None:
    assert JSON.validate_python('{"a": 1.10}') == b'{"a": 1.10}'
    assert JSON.validate_python("5") == b"5"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{a: 1}", "found text that is not JSON (Expecting property name"),
        ("NaN", "found text that is not JSON (NaN is not a number of JSON)"),
        (None, "found nothing, expected a mapping, a list, or JSON"),
    ],
)
def test_what_is_no_json(written: object, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        JSON.validate_python(written)
    assert said in str(caught.value)


def test_a_form_is_encoded_as_browsers_do() -> None:
    body = FORM.validate_python(_yaml("{name: Ann B, age: 5, tag: [a, 'b&c=d'], none: , é: ü}"))
    assert parse_qsl(body.decode(), keep_blank_values=True) == [
        ("name", "Ann B"),
        ("age", "5"),
        ("tag", "a"),
        ("tag", "b&c=d"),
        ("none", ""),
        ("é", "ü"),
    ]
    assert body.startswith(b"name=Ann+B&age=5&tag=a&tag=b%26c%3Dd")


def test_a_form_on_the_command_line() -> None:
    assert FORM.validate_python(["a=1", "b=x=y", "a="]) == b"a=1&b=x%3Dy&a="


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("a=1", "found 'a=1', expected names with their values"),
        (["a"], "found a field without an equals sign, expected NAME=VALUE"),
        ([{"a": "1"}], "found a mapping, expected NAME=VALUE"),
        ({"a": {"b": "c"}}, "found a mapping at a, expected text"),
    ],
)
def test_what_is_no_form(written: object, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        FORM.validate_python(written)
    assert said in str(caught.value)
