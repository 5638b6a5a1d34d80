"""CPU and memory of a Docker container, by the stats of Docker's own socket."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import httpx2
from pydantic import BaseModel, ValidationError

from loadgen.control_client import open_client, what_failed
from loadgen.watch.options import DOCKER_SOCKET
from loadgen.watch.usage import CpuMeter, Usage, WatchError

__all__ = ["ContainerSource"]

TIMEOUT_S = 2.0
NS_PER_S = 1e9


class _CpuUsage(BaseModel):
    total_usage: int


class _Cpu(BaseModel):
    cpu_usage: _CpuUsage


class _Memory(BaseModel):
    usage: int
    stats: dict[str, int] = {}


class _Stats(BaseModel):
    """The part of Docker's answer that is read here (Engine API, ContainerStats)."""

    cpu_stats: _Cpu
    memory_stats: _Memory


class ContainerSource:
    """A container.

    Args:
        container: name or id.
        socket: where Docker listens.
    """

    def __init__(self, container: str, *, socket: Path = DOCKER_SOCKET) -> None:
        self._container = container
        self._socket = socket
        self._client = open_client(timeout_s=TIMEOUT_S, socket=socket)
        self._meter = CpuMeter()

    def read(self, now_s: float) -> Usage:
        """Asks Docker.

        Raises:
            WatchError: the container is not there or does not run, or Docker does not answer.
        """
        # one-shot: without it Docker waits a second for a reading of its own to compare with.
        path = f"/containers/{quote(self._container, safe='')}/stats?stream=0&one-shot=1"
        try:
            answer = self._client.get(f"http://docker{path}")
            answer.raise_for_status()
            stats = _Stats.model_validate_json(answer.content)
        except httpx2.HTTPStatusError as error:
            said = "there is none" if error.response.status_code == 404 else "Docker answered "
            code = "" if error.response.status_code == 404 else str(error.response.status_code)
            raise WatchError(f"container {self._container}: {said}{code}") from None
        except httpx2.HTTPError as error:
            raise WatchError(
                f"container {self._container}: {self._socket}: {what_failed(error)}"
            ) from None
        except ValidationError:
            raise WatchError(f"container {self._container}: it does not run") from None
        cpu_s = stats.cpu_stats.cpu_usage.total_usage / NS_PER_S
        return Usage(
            cpu_percent=self._meter.percent(now_s, cpu_s),
            memory_bytes=_used_bytes(stats.memory_stats),
        )

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()


def _used_bytes(memory: _Memory) -> int:
    """As `docker stats` shows it: without the cache of files that nobody reads at present."""
    idle = memory.stats.get("inactive_file", memory.stats.get("total_inactive_file", 0))
    return memory.usage - idle if idle < memory.usage else memory.usage
