"""Where connections go to and come from, as values of loadgen.yml. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, InstanceOf

from loadgen.address import StaticName, check_ip
from loadgen.config.fields import describe
from loadgen.errors import ConfigError

__all__ = ["LocalAddresses", "StaticNames"]

T = TypeVar("T")


def _parsed(parse: Callable[[str], T], what: str) -> BeforeValidator:
    """A text that a type of the plan reads."""

    def read(value: object) -> T:
        if not isinstance(value, str):
            raise ValueError(f"found {describe(value)}, expected {what}")
        try:
            return parse(value)
        except ConfigError as error:
            raise ValueError(error.problems[0]) from None

    return BeforeValidator(read, json_schema_input_type=str)


def _listed(what: str) -> BeforeValidator:
    """One value may stand without its list."""

    def read(value: object) -> object:
        if not isinstance(value, str | list):
            raise ValueError(f"found {describe(value)}, expected {what}")
        return [value] if isinstance(value, str) else value

    return BeforeValidator(read, json_schema_input_type=str | list[str])


StaticNames = Annotated[
    list[Annotated[InstanceOf[StaticName], _parsed(StaticName.parse, "HOST:PORT:ADDRESS")],] | None,
    _listed("HOST:PORT:ADDRESS"),
]
"""Names whose addresses are given."""

LocalAddresses = Annotated[
    list[Annotated[str, _parsed(check_ip, "an IP address")]] | None,
    _listed("IP addresses"),
]
"""Addresses of this machine that connections come from."""
