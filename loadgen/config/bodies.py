"""Request bodies that are made of values: JSON and forms. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TypeAlias
from urllib.parse import urlencode

from pydantic import BeforeValidator

from loadgen.config.fields import describe
from loadgen.config.yaml_marks import Plain

__all__ = ["FORM_TYPE", "JSON_TYPE", "form", "json_body"]

JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"
_LITERAL = re.compile(r"true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
"""What JSON (RFC 8259 section 3) writes without quotes."""
_Value: TypeAlias = "dict[str, _Value] | list[_Value] | str | int | float | bool | None"


def json_body() -> BeforeValidator:
    """A mapping or a list, sent as compact JSON; a text is JSON already, and sent as it is.

    A value without quotes that JSON would read as a number, true, false or null is one.
    """

    def read(value: object) -> bytes:
        if isinstance(value, str):
            return _checked(value).encode()
        if not isinstance(value, dict | list):
            raise ValueError(f"found {describe(value)}, expected a mapping, a list, or JSON")
        return json.dumps(_value(value), ensure_ascii=False, separators=(",", ":")).encode()

    return BeforeValidator(read, json_schema_input_type=dict[str, object] | list[object] | str)


def form() -> BeforeValidator:
    """A mapping, or a list of NAME=VALUE, sent as an HTML form; a name may have several values."""

    def read(value: object) -> bytes:
        match value:
            case dict():
                pairs = [pair for name, given in value.items() for pair in _pairs(name, given)]
            case list():
                pairs = [_pair(written) for written in value]
            case _:
                raise ValueError(f"found {describe(value)}, expected names with their values")
        return urlencode(pairs).encode()

    return BeforeValidator(
        read, json_schema_input_type=dict[str, str | float | bool | list[str]] | list[str]
    )


def _checked(text: str) -> str:
    try:
        json.loads(text, parse_constant=_refuse)
    except ValueError as error:
        raise ValueError(f"found text that is not JSON ({error}), expected JSON") from None
    return text


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not a number of JSON")


def _value(tree: object) -> _Value:
    match tree:
        case dict():
            return {name: _value(item) for name, item in tree.items()}
        case list():
            return [_value(item) for item in tree]
        case Plain() if _LITERAL.fullmatch(tree):
            literal: _Value = json.loads(tree)
            return literal
        case None:
            return None
        case _:
            return str(tree)


def _pairs(name: str, given: object) -> Iterable[tuple[str, str]]:
    for value in given if isinstance(given, list) else [given]:
        if isinstance(value, dict | list):
            raise ValueError(f"found {describe(value)} at {name}, expected text")
        yield name, "" if value is None else str(value)


def _pair(written: object) -> tuple[str, str]:
    if not isinstance(written, str):
        raise ValueError(f"found {describe(written)}, expected NAME=VALUE")
    name, equals, value = written.partition("=")
    if not equals:
        raise ValueError("found a field without an equals sign, expected NAME=VALUE")
    return name, value
