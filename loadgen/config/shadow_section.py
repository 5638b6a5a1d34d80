"""`shadow:` of loadgen.yml: what a comparison of answers passes over, and what is never written.

Pure. Every rule is compiled here, so that a mistake in one is told with its line and column.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field, InstanceOf

from loadgen import units
from loadgen.config import fields as field
from loadgen.config.section import Section
from loadgen.json_path import AN_EXAMPLE, JsonPath

__all__ = ["IgnoreSection", "ScrubSection", "ShadowSection", "Tolerance", "parse_percent"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """How far two numbers may be apart and still be the same; the wider one of both holds.

    Attributes:
        absolute: in the unit of the numbers, 0 or more.
        ratio: of the larger one, 0..1.
    """

    absolute: float = 0.0
    ratio: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Tolerance:
        """Reads 0.01 (absolute) or 1% (of the larger number).

        Raises:
            UnitError: it is neither.
        """
        written = text.strip()
        if written.endswith("%"):
            return cls(ratio=units.parse_number(written[:-1], high=100) / 100)
        return cls(absolute=units.parse_number(written))


def parse_percent(text: str) -> float:
    """A share as people write it, with its sign or without: 1%, 0.5.

    Returns:
        0..1.

    Raises:
        UnitError: it is none, or out of range.
    """
    return units.parse_number(text.strip().removesuffix("%"), low=1e-6, high=100) / 100


def _read(parse: Callable[[str], T], what: str) -> BeforeValidator:
    def read(value: object) -> T:
        if not isinstance(value, str):
            raise ValueError(f"found {field.describe(value)}, expected {what}")
        return parse(value)

    return BeforeValidator(read, json_schema_input_type=str)


def _pattern(text: str) -> re.Pattern[str]:
    """A regular expression; one that matches nothing at all would take nothing out."""
    try:
        pattern = re.compile(text)
    except re.error as error:
        at = "" if error.pos is None else f" at character {error.pos + 1}"
        raise ValueError(
            f"found {text!r}, expected a regular expression ({error.msg}{at})"
        ) from None
    if pattern.fullmatch(""):
        raise ValueError(f"found {text!r}, which matches an empty text, expected one that does not")
    return pattern


def _listed(what: str) -> BeforeValidator:
    """One value may stand without its list."""

    def read(value: object) -> object:
        if isinstance(value, str):
            return [value]
        if not isinstance(value, list) or not value:
            raise ValueError(f"found {field.describe(value)}, expected {what}")
        return value

    return BeforeValidator(read, json_schema_input_type=str | list[str])


_Name = Annotated[str, field.text("a header name"), field.header_name()]
_Names = Annotated[list[_Name] | None, _listed("header names")]
_Path = Annotated[InstanceOf[JsonPath], _read(JsonPath.parse, AN_EXAMPLE)]
_Paths = Annotated[list[_Path] | None, _listed(AN_EXAMPLE)]
_Pattern = Annotated[InstanceOf[re.Pattern[str]], _read(_pattern, "a regular expression")]
_Patterns = Annotated[list[_Pattern] | None, _listed("regular expressions")]
_Tolerance = Annotated[
    InstanceOf[Tolerance], _read(Tolerance.parse, "a number such as 0.01, or 1%")
]


def _path_key(written: str) -> str:
    JsonPath.parse(written)
    return written


_PathKey = Annotated[str, BeforeValidator(_path_key)]


class IgnoreSection(Section):
    """What may differ."""

    headers: _Names = Field(
        default=None, description="Headers of the answer, besides those that always differ."
    )
    json_paths: _Paths = Field(
        default=None, alias="json", description="Places in a JSON body, such as $.ts or $..id."
    )
    regex: _Patterns = Field(
        default=None,
        description="What matches is taken out of both texts before they are held together.",
    )


class ScrubSection(Section):
    """What is never written down, besides credentials, e-mails and card numbers."""

    headers: _Names = Field(default=None, description="Headers whose value is hidden.")
    json_paths: _Paths = Field(
        default=None, alias="json", description="Places in a JSON body whose value is hidden."
    )
    regex: _Patterns = Field(default=None, description="What matches is hidden, wherever it is.")


class ShadowSection(Section):
    """How answers of production and canary are compared."""

    replay: Annotated[str | None, field.text("the name of a file")] = Field(
        default=None, description="The access log or HAR that is replayed."
    )
    ignore: Annotated[
        IgnoreSection | None, field.given("headers, json or regex", IgnoreSection)
    ] = Field(default=None, description="What may differ.")
    unordered: _Paths = Field(
        default=None, description="Lists in a JSON body whose order means nothing: $.tags."
    )
    tolerance: Annotated[
        dict[_PathKey, _Tolerance] | None,
        field.given("paths with a number or a percentage", dict[str, str]),
    ] = Field(
        default=None,
        description="How far numbers may be apart: 'path: 0.01', or 'path: 1%' of the larger one.",
    )
    scrub: Annotated[ScrubSection | None, field.given("headers, json or regex", ScrubSection)] = (
        Field(default=None, description="What is never written down.")
    )
    max_mismatch: Annotated[float | None, _read(parse_percent, "a percentage such as 1%")] = Field(
        default=None, description="The share of pairs that may differ, in percent; 1 when not said."
    )
