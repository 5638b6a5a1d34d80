"""`watch:` of loadgen.yml: whose CPU and memory is shown beside the load. Pure."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from loadgen.config import fields as field
from loadgen.config.section import Section
from loadgen.watch.options import DOCKER_SOCKET, PrometheusQueries, WatchOptions

__all__ = ["MAX_PID", "PrometheusSection", "WatchSection"]

MAX_PID = 2**22
"""The kernel's own limit on 64 bits (PID_MAX_LIMIT)."""


class PrometheusSection(Section):
    """Queries to a Prometheus that watches the target."""

    url: Annotated[str, field.web_url()] = Field(description="Of the Prometheus.", repr=False)
    cpu: Annotated[str | None, field.text("PromQL")] = Field(
        default=None, description="PromQL with one value, in percent of one core."
    )
    memory: Annotated[str | None, field.text("PromQL")] = Field(
        default=None, description="PromQL with one value, in bytes."
    )

    @model_validator(mode="after")
    def _something_asked(self) -> PrometheusSection:
        if self.cpu is None and self.memory is None:
            raise ValueError("found no query, expected cpu, memory or both")
        return self


class WatchSection(Section):
    """The target as it is seen from outside."""

    pid: Annotated[int | None, field.whole(1, MAX_PID)] = Field(
        default=None, description="A process of this machine, its children included."
    )
    container: Annotated[str | None, field.text("the name of a container")] = Field(
        default=None, description="A Docker container of this machine, by name or id."
    )
    docker_socket: Annotated[str | None, field.text("the name of a socket")] = Field(
        default=None, description=f"Where Docker listens, when not at {DOCKER_SOCKET}."
    )
    prometheus: Annotated[
        PrometheusSection | None, field.given("url, cpu and memory", PrometheusSection)
    ] = Field(default=None, description="A Prometheus that watches the target.")

    @model_validator(mode="after")
    def _one_way(self) -> WatchSection:
        ways = {"pid": self.pid, "container": self.container, "prometheus": self.prometheus}
        given = [name for name, way in ways.items() if way is not None]
        if len(given) > 1:
            raise ValueError(f"found {' and '.join(given)}, expected one of them")
        return self

    def options(self) -> WatchOptions:
        """The same as the sampler takes it."""
        asked, queries = self.prometheus, None
        if asked is not None:
            queries = PrometheusQueries(
                url=asked.url, cpu=asked.cpu or "", memory=asked.memory or ""
            )
        return WatchOptions(
            pid=self.pid,
            container=self.container or "",
            prometheus=queries,
            docker_socket=Path(self.docker_socket) if self.docker_socket else DOCKER_SOCKET,
        )
