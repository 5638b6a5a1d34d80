"""The endpoints of loadgen.yml: by path with a weight or options, or as a list. Pure."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from loadgen.checks import Checks
from loadgen.config import bodies
from loadgen.config import fields as field
from loadgen.config.expect import Expect
from loadgen.config.request_section import (
    GivenHeaders,
    RequestSection,
    body_value,
    form_of,
    header_pairs,
)
from loadgen.endpoint import MAX_WEIGHT, Endpoint

__all__ = ["EndpointOptions", "Endpoints", "GivenEndpoints", "ListedEndpoint", "endpoint_values"]


class EndpointOptions(RequestSection):
    """One kind of request, named by its path."""

    weight: Annotated[float, field.number(0, MAX_WEIGHT)] = Field(
        default=1.0, description="Share of the traffic, relative to the sum of all weights."
    )
    method: Annotated[str, field.method()] = Field(default="GET", description="Request method.")
    headers: GivenHeaders = Field(default=None, description="Headers besides those of load_test.")
    json_body: Annotated[bytes | None, bodies.json_body()] = Field(
        default=None, alias="json", description="Request body as JSON: a mapping or a list."
    )
    name: Annotated[str | None, field.text()] = Field(
        default=None, description="What reports call it; the method and path when not given."
    )
    expect: Annotated[Expect | None, field.given("status, header, ...", Expect)] = Field(
        default=None, description="What its answers must be to be a success."
    )

    def endpoint(self, path: str) -> Endpoint:
        """The endpoint at a path, as a plan has it."""
        body, content_type = body_value(self)
        return Endpoint(
            path=path,
            method=self.method,
            weight=self.weight,
            name=self.name or "",
            headers=header_pairs(self.headers),
            body=body,
            content_type=content_type,
            checks=self.expect.checks() if self.expect else Checks(),
        )


class ListedEndpoint(EndpointOptions):
    """One kind of request in a list: for two requests to one path."""

    path: Annotated[str, field.text(), field.path()] = Field(
        description="Path and query, appended to the target's own path."
    )


def _weight_alone(value: object) -> object:
    if value is None:
        raise ValueError("found nothing, expected a weight or options such as method")
    return {"weight": value} if isinstance(value, str) else value


EndpointMapping = dict[
    Annotated[str, field.path()],
    Annotated[
        EndpointOptions,
        BeforeValidator(_weight_alone, json_schema_input_type=float | EndpointOptions),
    ],
]
Endpoints = Annotated[
    Annotated[EndpointMapping, Tag("mapping")] | Annotated[list[ListedEndpoint], Tag("list")],
    Discriminator(form_of),
]


def endpoint_values(endpoints: Endpoints | None) -> tuple[Endpoint, ...]:
    """Either form of `endpoints` as a plan has them, in the order of the file."""
    if endpoints is None:
        return ()
    if isinstance(endpoints, dict):
        return tuple(options.endpoint(path) for path, options in endpoints.items())
    return tuple(listed.endpoint(listed.path) for listed in endpoints)


def _sendable(endpoints: Endpoints | None) -> Endpoints | None:
    """Checks what one endpoint alone cannot know."""
    values = endpoint_values(endpoints)
    if not values:
        raise ValueError("found no endpoint, expected at least one path with its weight")
    if math.fsum(value.weight for value in values) <= 0:
        raise ValueError("found only weights of zero, expected one above 0: nothing would be sent")
    labels = [value.label for value in values]
    twice = next((label for label in labels if labels.count(label) > 1), None)
    if twice is not None:
        raise ValueError(
            f"found {twice!r} twice, expected names that differ; give one a name of its own"
        )
    return endpoints


GivenEndpoints = Annotated[
    Endpoints | None,
    AfterValidator(_sendable),
    field.given("paths with their weights", Endpoints),
]
