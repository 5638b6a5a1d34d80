"""targets: and limits: of loadgen.yml: what no run may do, whatever its options say. Pure.

No option has these names: they are the words of whoever wrote the file.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf

from loadgen.allowlist import AllowList, AllowRule
from loadgen.config import fields as field
from loadgen.config.section import Section
from loadgen.errors import ConfigError
from loadgen.limits import Limits
from loadgen.plan import MAX_RATE_RPS, MAX_USERS

__all__ = ["LimitOptions", "TargetOptions"]


def _rule() -> BeforeValidator:
    def read(value: object) -> AllowRule:
        if not isinstance(value, str):
            raise ValueError(f"found {field.describe(value)}, expected a host or a network")
        try:
            return AllowRule.parse(value)
        except ConfigError as error:
            raise ValueError(error.problems[0]) from None

    return BeforeValidator(read, json_schema_input_type=str)


def _not_empty(rules: list[AllowRule] | None) -> list[AllowRule] | None:
    if rules == []:
        raise ValueError("found no rule, expected at least one: nothing could be loaded")
    return rules


_Rules = list[Annotated[InstanceOf[AllowRule], _rule()]]


class TargetOptions(Section):
    """Which servers may be loaded."""

    allow: Annotated[
        _Rules | None, AfterValidator(_not_empty), field.given("hosts and networks", list[str])
    ] = Field(
        default=None,
        description="The only servers that may be loaded: hosts (* for any characters), networks, "
        "either with a port, or paths of sockets. Anything else is refused.",
    )

    def allow_list(self, name: str) -> AllowList | None:
        """The list as a plan has it.

        Args:
            name: what messages call it.
        """
        return None if self.allow is None else AllowList(rules=tuple(self.allow), name=name)


class LimitOptions(Section):
    """What no run may exceed."""

    max_rps: Annotated[int | None, field.whole(1, int(MAX_RATE_RPS))] = Field(
        default=None,
        description="Most requests in any second: a plan that asks for more is refused, users "
        "that would send more are held back.",
    )
    max_connections: Annotated[int | None, field.whole(1, MAX_USERS)] = Field(
        default=None, description="Most connections at one time; a plan that needs more is refused."
    )

    def limits(self) -> Limits:
        """The limits as a plan has them."""
        return Limits(max_rps=self.max_rps, max_connections=self.max_connections)
