"""CPU and memory of the target by queries to a Prometheus that watches it anyway."""

from __future__ import annotations

import math

import httpx2
from pydantic import BaseModel, ValidationError

from loadgen.control_client import open_client, shown_url, what_failed
from loadgen.watch.options import PrometheusQueries
from loadgen.watch.usage import Usage, WatchError

__all__ = ["PrometheusSource", "ask"]

TIMEOUT_S = 2.0


class _Sample(BaseModel):
    value: tuple[float, str]


class _Vector(BaseModel):
    result: list[_Sample]


class _Answer(BaseModel):
    """The part of an instant query's answer that is read here."""

    data: _Vector


class PrometheusSource:
    """Two queries.

    Args:
        queries: where and what is asked.
    """

    def __init__(self, queries: PrometheusQueries) -> None:
        self._queries = queries
        self._client = open_client(timeout_s=TIMEOUT_S)

    def read(self, now_s: float) -> Usage:
        """Asks both; a query without a result gives None.

        Raises:
            WatchError: Prometheus does not answer, or a query is wrong.
        """
        memory = self._value("memory", self._queries.memory)
        return Usage(
            cpu_percent=self._value("cpu", self._queries.cpu),
            memory_bytes=None if memory is None else round(memory),
        )

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()

    def _value(self, name: str, query: str) -> float | None:
        return ask(self._client, self._queries.url, query, name=name) if query else None


def ask(client: httpx2.Client, url: str, query: str, *, name: str) -> float | None:
    """Asks one instant query.

    Args:
        client: that asks.
        url: of the Prometheus.
        query: PromQL with one value.
        name: of the query, for messages.

    Returns:
        Its value; None when there is none, or it is no finite number.

    Raises:
        WatchError: Prometheus does not answer, or the query is wrong.
    """
    where = f"Prometheus {shown_url(url)}, query {name}"
    try:
        answer = client.get(f"{url.rstrip('/')}/api/v1/query", params={"query": query})
        answer.raise_for_status()
        found = _Answer.model_validate_json(answer.content).data.result
    except httpx2.HTTPStatusError as error:
        code, said = error.response.status_code, " ".join(error.response.text.split())
        raise WatchError(f"{where}: it answered {code} ({said[:200]})") from None
    except httpx2.HTTPError as error:
        raise WatchError(f"{where}: {what_failed(error)}") from None
    except ValidationError:
        raise WatchError(f"{where}: expected an instant vector; wrap it in sum()") from None
    if len(found) > 1:
        raise WatchError(f"{where}: found {len(found)} values, expected one; wrap it in sum()")
    value = float(found[0].value[1]) if found else math.nan
    return value if math.isfinite(value) else None
