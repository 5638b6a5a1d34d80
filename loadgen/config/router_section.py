"""`router:` and `mark:` of loadgen.yml: what moves live traffic, and how its sides are told. Pure.

A router whose kind is unknown here has no model; `ROUTER_SECTIONS` is the list of all kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from loadgen.config import fields as field
from loadgen.config.kubernetes_section import GatewayRouter, ReplicasRouter
from loadgen.config.section import Section
from loadgen.config.suggestion import did_you_mean, one_of

__all__ = [
    "ROUTER_SECTIONS",
    "CommandRouter",
    "EnvoyRouter",
    "HaproxyRouter",
    "MarkSection",
    "NginxRouter",
    "RouterOptions",
]

Names = tuple[Annotated[str, field.text("a name")], ...]
Arguments = tuple[Annotated[str, field.text()], ...]


def _one_or_more(what: str) -> BeforeValidator:
    """A single name, or a list of names."""

    def read(value: object) -> object:
        if isinstance(value, str) and value:
            return (value,)
        if isinstance(value, list) and value:
            return tuple(value)
        raise ValueError(f"found {field.describe(value)}, expected {what}, or a list of them")

    return BeforeValidator(read, json_schema_input_type=str | list[str])


def _arguments() -> BeforeValidator:
    """A program and its arguments: a list, since no shell takes a text apart."""

    def read(value: object) -> object:
        if isinstance(value, list) and value:
            return tuple(value)
        raise ValueError(
            f"found {field.describe(value)}, expected a list: the program and its arguments"
        )

    return BeforeValidator(read, json_schema_input_type=list[str])


class HaproxyRouter(Section):
    """HAProxy, by its runtime API: nothing is written to its configuration."""

    kind: Literal["haproxy"]
    socket: Annotated[str, field.text("the name of a socket, or HOST:PORT")] = Field(
        description="Its `stats socket` with level admin: a path, or HOST:PORT."
    )
    backend: Annotated[str, field.text("the name of a backend")] = Field(
        description="The backend that both versions are servers of."
    )
    stable: Annotated[Names, _one_or_more("the name of a server")] = Field(
        default=("stable",), description="Its server, or servers, of the stable version."
    )
    canary: Annotated[Names, _one_or_more("the name of a server")] = Field(
        default=("canary",), description="Its server, or servers, of the canary."
    )

    @model_validator(mode="after")
    def _apart(self) -> HaproxyRouter:
        if both := set(self.stable) & set(self.canary):
            raise ValueError(f"found {min(both)!r} on both sides, expected servers of one side")
        return self


class EnvoyRouter(Section):
    """Envoy, by runtime values of its admin API: the routes' runtime_fraction."""

    kind: Literal["envoy"]
    admin: Annotated[str, field.web_url()] = Field(
        description="Of its admin API, such as http://127.0.0.1:9901."
    )
    key: Annotated[str, field.text("a runtime key")] = Field(
        description="The runtime_key of the canary's route, such as routing.canary."
    )
    stable: Annotated[str, field.text("the name of a cluster")] = Field(
        default="stable", description="Its cluster of the stable version."
    )
    canary: Annotated[str, field.text("the name of a cluster")] = Field(
        default="canary", description="Its cluster of the canary."
    )


class NginxRouter(Section):
    """nginx, by a file with a split_clients block that its configuration includes."""

    kind: Literal["nginx"]
    include: Annotated[str, field.text("the name of a file")] = Field(
        description="The file to write, which the http block includes."
    )
    variable: Annotated[str, field.text("the name of a variable")] = Field(
        default="loadgen_side", description="What proxy_pass reads: http://$loadgen_side."
    )
    key: Annotated[str, field.text("text with variables")] = Field(
        default="$request_id",
        description="What decides: each request by itself, or (sticky) such as $remote_addr.",
    )
    stable: Annotated[str, field.text("the name of an upstream")] = Field(
        default="stable", description="The upstream of the stable version."
    )
    canary: Annotated[str, field.text("the name of an upstream")] = Field(
        default="canary", description="The upstream of the canary."
    )
    command: Annotated[Arguments, _arguments()] = Field(
        default=("nginx",), description="How nginx is called; -t and -s reload are appended."
    )
    pid: Annotated[str, field.text("the name of a file")] = Field(
        default="/run/nginx.pid", description="Where nginx keeps the number of its process."
    )


class CommandRouter(Section):
    """Anything else, by commands of yours, run without a shell."""

    kind: Literal["command"]
    command: Annotated[Arguments, _arguments()] = Field(
        description="Sets the weight; {percentage}, {deployment} and {namespace} are filled in."
    )
    get_command: Annotated[Arguments, _arguments()] = Field(
        description="Prints the canary's weight in percent as its last line."
    )
    timeout: Annotated[float, field.duration(0.1, 600)] = Field(
        default=10.0, description="For each of the two."
    )


ROUTER_SECTIONS: Mapping[str, type[Section]] = {
    "haproxy": HaproxyRouter,
    "envoy": EnvoyRouter,
    "nginx": NginxRouter,
    "command": CommandRouter,
    "gateway-api": GatewayRouter,
    "replicas": ReplicasRouter,
}
"""By `kind`."""


def _known_kind(value: object) -> object:
    kind = value.get("kind") if isinstance(value, Mapping) else None
    if kind in ROUTER_SECTIONS:
        return value
    words = list(ROUTER_SECTIONS)
    meant = did_you_mean(kind, words) if isinstance(kind, str) else ""
    found = f"kind: {kind!r}" if isinstance(kind, str) else "no kind"
    raise ValueError(f"found {found}, expected kind: {one_of(words)}{meant}")


RouterOptions = Annotated[
    Annotated[
        Annotated[HaproxyRouter, Tag("haproxy")]
        | Annotated[EnvoyRouter, Tag("envoy")]
        | Annotated[NginxRouter, Tag("nginx")]
        | Annotated[CommandRouter, Tag("command")]
        | Annotated[GatewayRouter, Tag("gateway-api")]
        | Annotated[ReplicasRouter, Tag("replicas")],
        Discriminator("kind"),
    ],
    BeforeValidator(_known_kind),
]
"""A router of any kind."""


class MarkSection(Section):
    """How an answer says which side gave it."""

    header: Annotated[str, field.text("the name of a header"), field.header_name()] = Field(
        description="Of the answer, such as X-Version."
    )
    canary: Annotated[str, field.text("the value of a header")] = Field(
        description="Its value in answers of the canary, such as v2."
    )
    stable: Annotated[str | None, field.text("the value of a header")] = Field(
        default=None,
        description="Its value in answers of the stable version; without, any other or none.",
    )
