"""The kinds of value that stand in loadgen.yml: how each is read from text, and refused. Pure.

Each function makes a pydantic validator. What it raises is the end of an error line,
"found X, expected Y", because only it knows both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from loadgen import units
from loadgen.config.suggestion import did_you_mean, one_of
from loadgen.config.variables import expand
from loadgen.endpoint import SENDABLE_PATH, header_problems, method_problems
from loadgen.errors import ConfigError
from loadgen.target_url import Target

__all__ = [
    "ReadBody",
    "body_file",
    "choice",
    "describe",
    "duration",
    "file_or_none",
    "given",
    "header_line",
    "header_name",
    "header_value",
    "method",
    "named_file",
    "number",
    "path",
    "rate",
    "span",
    "stages",
    "switch",
    "target",
    "text",
    "web_url",
    "whole",
]

T = TypeVar("T")

ReadBody = Callable[[str], bytes]
"""Reads a file with a body by its name; raises OSError. The only way to the outside."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
_SWITCH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NumberOrText = float | Annotated[str, Field(min_length=1)]
_WholeOrText = int | Annotated[str, Field(min_length=1)]


def describe(value: object) -> str:
    """What was found, for a message: text in quotes, else the kind of thing it is."""
    match value:
        case None:
            return "nothing"
        case str():
            return repr(value)
        case Mapping():
            return "a mapping"
        case list():
            return "a list"
        case _:
            return str(value)


def given(what: str, schema: object) -> BeforeValidator:
    """Refuses a key without a value; everything else is left to the type.

    Args:
        what: what was expected.
        schema: the type that editors are told.
    """

    def check(value: object) -> object:
        if value is None:
            raise ValueError(f"found nothing, expected {what}")
        return value

    return BeforeValidator(check, json_schema_input_type=schema)


def text(what: str = "text") -> BeforeValidator:
    """Text as it was written."""
    return BeforeValidator(_reading(str, what), json_schema_input_type=str | float | bool)


def whole(low: int, high: int) -> BeforeValidator:
    """A whole number from low to high; k and M multiply."""

    def read(written: str) -> int:
        return units.parse_count(written, low=low, high=high)

    return BeforeValidator(_reading(read, "a whole number"), json_schema_input_type=_WholeOrText)


def number(low: float = 0.0, high: float = math.inf) -> BeforeValidator:
    """A number from low to high."""

    def read(written: str) -> float:
        return units.parse_number(written, low=low, high=high)

    return BeforeValidator(_reading(read, "a number"), json_schema_input_type=_NumberOrText)


def rate(low_rps: float, high_rps: float) -> BeforeValidator:
    """Something per second."""

    def read(written: str) -> float:
        return units.parse_rate(written, low_rps=low_rps, high_rps=high_rps)

    return BeforeValidator(
        _reading(read, "a rate per second"), json_schema_input_type=_NumberOrText
    )


def duration(low_s: float, high_s: float) -> BeforeValidator:
    """Seconds, or a duration with units."""

    def read(written: str) -> float:
        return units.parse_duration(written, low_s=low_s, high_s=high_s)

    return BeforeValidator(_reading(read, units.A_DURATION), json_schema_input_type=_NumberOrText)


def span(high_s: float) -> BeforeValidator:
    """The bounds of a random duration."""

    def read(written: str) -> tuple[float, float]:
        return units.parse_span(written, high_s=high_s)

    return BeforeValidator(_reading(read, units.A_SPAN), json_schema_input_type=_NumberOrText)


def stages() -> BeforeValidator:
    """Levels at points in time."""
    return BeforeValidator(_reading(units.parse_stages, units.STAGES), json_schema_input_type=str)


def choice(known: type[StrEnum]) -> BeforeValidator:
    """One word of a closed set."""
    words = [member.value for member in known]

    def read(written: str) -> StrEnum:
        if written not in words:
            raise ValueError(
                f"found {written!r}, expected {one_of(words)}{did_you_mean(written, words)}"
            )
        return known(written)

    return BeforeValidator(_reading(read, one_of(words)), json_schema_input_type=known)


def switch() -> BeforeValidator:
    """Yes or no; a flag of the command line is one already."""

    def read(value: object) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in _SWITCH:
            return _SWITCH[value.lower()]
        raise ValueError(f"found {describe(value)}, expected true or false")

    return BeforeValidator(read, json_schema_input_type=bool)


def file_or_none() -> BeforeValidator:
    """The name of a file, or no for none: "" then."""

    def read(value: object) -> str:
        if value is False or (isinstance(value, str) and _SWITCH.get(value.lower()) is False):
            return ""
        if isinstance(value, str) and value:
            return value
        raise ValueError(f"found {describe(value)}, expected the name of a file, or no")

    return BeforeValidator(read, json_schema_input_type=str | bool)


def target() -> BeforeValidator:
    """The URL of a server under test."""

    def read(written: str) -> str:
        try:
            Target.parse(written)
        except ConfigError as error:
            raise ValueError(error.problems[0].removeprefix("target: ")) from None
        return written.strip()

    return BeforeValidator(_reading(read, "a URL"), json_schema_input_type=str)


def web_url(*, secret: bool = False) -> BeforeValidator:
    """The URL of a server that is no target.

    Args:
        secret: never quoted in a message.
    """

    def read(written: str) -> str:
        url = written.strip()
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            found = "no URL" if secret else repr(written)
            raise ValueError(f"found {found}, expected http://... or https://...")
        return url

    return BeforeValidator(_reading(read, "a URL"), json_schema_input_type=str)


def method() -> BeforeValidator:
    """A request method; methods are case-sensitive (RFC 9110 section 9.1)."""

    def read(written: str) -> str:
        upper = f"; did you mean {written.upper()}?" if written.upper() in _METHODS else ""
        if upper and written != written.upper():
            raise ValueError(f"found {written!r}, expected a method in capitals{upper}")
        if problems := method_problems(written):
            raise ValueError(problems[0])
        return written

    return BeforeValidator(_reading(read, "a method such as GET"), json_schema_input_type=str)


def path() -> AfterValidator:
    """The path of an endpoint, with its query."""

    def check(written: str) -> str:
        if SENDABLE_PATH.fullmatch(written):
            return written
        meant = f"; did you mean /{written}?" if SENDABLE_PATH.fullmatch(f"/{written}") else ""
        raise ValueError(
            f"found {written!r}, expected a path that starts with / and is "
            f"percent-encoded{'' if '://' in written else meant}"
        )

    return AfterValidator(check)


def header_name() -> AfterValidator:
    """The name of a header that may be chosen."""
    return AfterValidator(_checked_name)


def header_value() -> AfterValidator:
    """The value of a header. Never quoted in a message: it may be a secret."""
    return AfterValidator(_checked_value)


def header_line() -> BeforeValidator:
    """A header as one text, "Name: value".

    In an argument of the command line ${NAME} is replaced, so that a secret need not stand
    there: {"argument_environ": Mapping} in the validation context. (In a config file it has
    been replaced before.)
    """

    def read(written: object, info: ValidationInfo) -> tuple[str, str]:
        if not isinstance(written, str):
            raise ValueError(f"found {describe(written)}, expected 'Name: value'")
        environ = (info.context or {}).get("argument_environ")
        name, colon, value = written.partition(":")
        if not colon:
            raise ValueError("found a header without a colon, expected 'Name: value'")
        value = value.strip(" \t")
        value = value if environ is None else expand(value, environ)
        return _checked_name(name.strip()), _checked_value(value)

    return BeforeValidator(read, json_schema_input_type=str)


def body_file() -> BeforeValidator:
    """The name of a file, replaced by what is in it.

    The validation context carries the way to read it: {"read_body": ReadBody}.
    """
    return BeforeValidator(named_file, json_schema_input_type=str)


def named_file(value: object, info: ValidationInfo) -> bytes:
    """What is in a file that a value names, as a validator."""
    if not isinstance(value, str):
        raise ValueError(f"found {describe(value)}, expected the name of a file")
    read_body: ReadBody = (info.context or {})["read_body"]
    try:
        return read_body(value)
    except OSError as error:
        raise ValueError(
            f"found {value!r}, which cannot be read ({error.strerror}); expected a file"
        ) from None


def _reading(read: Callable[[str], T], what: str) -> Callable[[object], T]:
    """Lets a parser of text stand in a model: what is no text is refused."""

    def reader(value: object) -> T:
        if not isinstance(value, str):
            raise ValueError(f"found {describe(value)}, expected {what}")
        return read(value)

    return reader


def _checked_name(name: str) -> str:
    if problems := header_problems([(name, "")]):
        raise ValueError(problems[0])
    return name


def _checked_value(value: str) -> str:
    if problems := header_problems([("X", value)]):
        raise ValueError(problems[0].removeprefix("header 'X': "))
    return value
