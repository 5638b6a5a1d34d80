"""`expect:` of an endpoint in loadgen.yml: what its answers are held against. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from loadgen import units
from loadgen.checks import Checks, HeaderCheck, parse_statuses
from loadgen.config import fields as field
from loadgen.config.section import Section

__all__ = ["Expect", "ExpectedStatuses", "ExpectedText", "HeaderOptions"]

A_SIZE = "a size or a range of sizes such as 100, 10..2k, 1.. or ..1M"
T = TypeVar("T")


def _statuses(value: object) -> tuple[tuple[int, int], ...]:
    """One text, or a list of them."""
    parts = value if isinstance(value, list) else [value]
    if not parts or not all(isinstance(part, str) for part in parts):
        raise ValueError(f"found {field.describe(value)}, expected statuses: 200,201,300-399")
    return parse_statuses(",".join(map(str, parts)))


ExpectedStatuses = Annotated[
    tuple[tuple[int, int], ...] | None,
    BeforeValidator(_statuses, json_schema_input_type=int | str | list[int | str]),
]
"""Statuses and ranges of them."""


def _listed(what: str) -> BeforeValidator:
    """One text, or a list of them."""

    def read(value: object) -> list[object]:
        parts = value if isinstance(value, list) else [value]
        if not parts or not all(isinstance(part, str) and part for part in parts):
            raise ValueError(f"found {field.describe(value)}, expected {what}")
        return parts

    return BeforeValidator(read, json_schema_input_type=str | list[str])


def _reading(read: Callable[[str], T], what: str) -> Callable[[object], T]:
    def reader(value: object) -> T:
        if not isinstance(value, str):
            raise ValueError(f"found {field.describe(value)}, expected {what}")
        return read(value)

    return reader


def _size_range(text: str) -> tuple[int, int | None]:
    low, dots, high = text.partition("..")
    if not text.strip(". ") or (dots and not (low or high)):
        raise ValueError(f"found {text!r}, expected {A_SIZE}")
    smallest = units.parse_count(low) if low else 0
    largest = units.parse_count(high) if high else None
    if not dots:
        return smallest, smallest
    if largest is not None and largest < smallest:
        raise ValueError(f"found {text!r}, expected the smaller size first")
    return smallest, largest


_SizeRange = Annotated[
    tuple[int, int | None] | None,
    BeforeValidator(_reading(_size_range, A_SIZE), json_schema_input_type=int | str),
]


def _something(text: str | None) -> str | None:
    if text == "":
        raise ValueError("found an empty text, which is in every body; expected a text")
    return text


ExpectedText = Annotated[str | None, field.text(), AfterValidator(_something)]
"""A text that must be in the body."""
_Texts = Annotated[list[str] | None, _listed("a text, or a list of texts")]


class HeaderOptions(Section):
    """What a header's value must be."""

    contains: Annotated[str | None, field.text()] = Field(
        default=None, description="Text that is somewhere in the value."
    )
    equals: Annotated[str | None, field.text()] = Field(
        default=None, description="The whole value."
    )

    @model_validator(mode="after")
    def _one_way(self) -> HeaderOptions:
        if self.contains is not None and self.equals is not None:
            raise ValueError("found contains and equals, expected one of them")
        return self

    def check(self, name: str) -> HeaderCheck:
        """The same as the plan has it."""
        equals = self.equals is not None
        return HeaderCheck(name=name, value=self.equals or self.contains or "", equals=equals)


def _contains_alone(value: object) -> object:
    return {"contains": value} if isinstance(value, str) else value


_Header = Annotated[
    HeaderOptions, BeforeValidator(_contains_alone, json_schema_input_type=str | HeaderOptions)
]


class Expect(Section):
    """What an answer must be to be a success; without `status`, any below 400 is."""

    status: ExpectedStatuses = Field(
        default=None, description="Statuses and ranges of them, such as [200, 201, 300-399]."
    )
    header: Annotated[
        dict[str, _Header] | None, field.given("headers, 'Name: text' each", dict[str, _Header])
    ] = Field(
        default=None,
        description="Headers that must be there; a text must be in the value, '' is in any.",
    )
    body_contains: _Texts = Field(default=None, description="Texts that must be in the body.")
    body_excludes: _Texts = Field(default=None, description="Texts that must not.")
    body_size: _SizeRange = Field(
        default=None, description="Size of the body as it is sent: 100, 10..2k, 1.. or ..1M."
    )

    def checks(self) -> Checks:
        """The same as the plan has it."""
        smallest, largest = self.body_size or (0, None)
        return Checks(
            statuses=self.status or (),
            headers=tuple(one.check(name) for name, one in (self.header or {}).items()),
            body_contains=tuple(text.encode() for text in self.body_contains or ()),
            body_excludes=tuple(text.encode() for text in self.body_excludes or ()),
            body_min_bytes=smallest,
            body_max_bytes=largest,
        )
