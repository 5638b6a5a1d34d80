"""What is watched beside the generator. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["DOCKER_SOCKET", "PrometheusQueries", "WatchOptions"]

DOCKER_SOCKET = Path("/var/run/docker.sock")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrometheusQueries:
    """What a Prometheus knows of the target.

    Attributes:
        url: of the Prometheus; may carry user and password.
        cpu: PromQL, one value in percent of one core; "" asks for none.
        memory: PromQL, one value in bytes; "" asks for none.
    """

    url: str = field(repr=False)
    cpu: str = ""
    memory: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchOptions:
    """The target as somebody sees it from outside; one of the three, or none.

    Attributes:
        pid: a process of this machine, its children included.
        container: name or id of a Docker container of this machine.
        prometheus: queries to a Prometheus.
        docker_socket: where Docker listens.
    """

    pid: int | None = None
    container: str = ""
    prometheus: PrometheusQueries | None = None
    docker_socket: Path = DOCKER_SOCKET
