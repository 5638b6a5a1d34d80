"""What a request carries, wherever in loadgen.yml it is said: headers and a body. Pure."""

from __future__ import annotations

from typing import Annotated, Protocol, Self

from pydantic import Discriminator, Field, Tag, model_validator

from loadgen.config import bodies
from loadgen.config import fields as field
from loadgen.config.section import Section

__all__ = [
    "BODY_KEYS",
    "GivenHeaders",
    "HeaderList",
    "RequestSection",
    "body_value",
    "form_of",
    "header_pairs",
]


def form_of(value: object) -> str:
    """Which of its two forms a value has; pydantic names it in the place of an error."""
    return "list" if isinstance(value, list) else "mapping"


HeaderMapping = dict[
    Annotated[str, field.header_name()], Annotated[str, field.text(), field.header_value()]
]
HeaderList = list[Annotated[tuple[str, str], field.header_line()]]
Headers = Annotated[
    Annotated[HeaderMapping, Tag("mapping")] | Annotated[HeaderList, Tag("list")],
    Discriminator(form_of),
]
GivenHeaders = Annotated[Headers | None, field.given("headers, 'Name: value' each", Headers)]


BODY_KEYS = ("body", "body_file", "json_body", "form")
"""Fields of which a request has one at most."""


class RequestSection(Section):
    """What a request carries."""

    body: Annotated[str | None, field.text()] = Field(
        default=None, description="Request body, UTF-8."
    )
    body_file: Annotated[bytes | None, field.body_file()] = Field(
        default=None, description="File with the request body."
    )
    form: Annotated[bytes | None, bodies.form()] = Field(
        default=None, description="Request body as an HTML form, NAME=VALUE; may be repeated."
    )

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        given = [key for key in BODY_KEYS if getattr(self, key) is not None]
        if len(given) > 1:
            named = (type(self).model_fields[key].alias or key for key in given)
            raise ValueError(f"found {' and '.join(named)}, expected one of them")
        return self


def header_pairs(headers: Headers | None) -> tuple[tuple[str, str], ...]:
    """Either form of `headers` as (name, value) pairs."""
    if headers is None:
        return ()
    return tuple(headers.items() if isinstance(headers, dict) else headers)


class _Bodies(Protocol):
    """The four ways to give a body."""

    @property
    def body(self) -> str | None: ...
    @property
    def body_file(self) -> bytes | None: ...
    @property
    def form(self) -> bytes | None: ...
    @property
    def json_body(self) -> bytes | None: ...


def body_value(options: _Bodies) -> tuple[bytes, str]:
    """The body that was given in one of four ways, and what it is; "" when that is not known."""
    if options.json_body is not None:
        return options.json_body, bodies.JSON_TYPE
    if options.form is not None:
        return options.form, bodies.FORM_TYPE
    if options.body_file is not None:
        return options.body_file, ""
    return (options.body or "").encode(), ""
