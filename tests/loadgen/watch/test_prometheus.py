"""Queries to Debian's Prometheus, which knows what was pushed to Debian's Pushgateway."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from loadgen.publish.options import PushOptions
from loadgen.publish.pushgateway import Pusher
from loadgen.watch.options import PrometheusQueries
from loadgen.watch.prometheus import PrometheusSource
from loadgen.watch.usage import Usage, WatchError
from tests.loadgen import samples
from tests.loadgen.publish.monitoring import (
    NEEDS_MONITORING,
    running_prometheus,
    running_pushgateway,
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prometheus that has seen a run with CPU and memory."""
    with (
        running_pushgateway() as gateway,
        running_prometheus(gateway, tmp_path_factory.mktemp("prometheus")) as prometheus,
    ):
        warnings: list[str] = []
        pusher = Pusher(PushOptions(url=f"http://{gateway}"), warn=warnings.append)
        pusher.finish(samples.watched(samples.measurement()))
        assert warnings == []
        prometheus.value('loadgen_cpu_ratio{of="target"}')
        yield prometheus.url


@NEEDS_MONITORING
@pytest.mark.parametrize(
    ("cpu", "memory", "expected"),
    [
        (
            '100 * sum(loadgen_cpu_ratio{of="target"})',
            'loadgen_memory_bytes{of="target"}',
            Usage(cpu_percent=150.0, memory_bytes=2**29),
        ),
        ("nothing_of_that_name", "", Usage(cpu_percent=None, memory_bytes=None)),
        ("0 / vector(0)", "vector(7)", Usage(cpu_percent=None, memory_bytes=7)),
    ],
)
def test_values(url: str, cpu: str, memory: str, expected: Usage) -> None:
    source = PrometheusSource(PrometheusQueries(url=f"{url}/", cpu=cpu, memory=memory))
    assert source.read(0.0) == expected
    source.close()


@NEEDS_MONITORING
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sum(", "query cpu: it answered 400 .*parse error"),
        ("loadgen_validity", r"query cpu: found 3 values, expected one; wrap it in sum\(\)"),
        ("1", "query cpu: expected an instant vector"),
    ],
)
def test_a_query_that_does_not_fit_says_why(url: str, query: str, expected: str) -> None:
    source = PrometheusSource(PrometheusQueries(url=url, cpu=query))
    with pytest.raises(WatchError, match=expected):
        source.read(0.0)
    source.close()


def test_a_prometheus_that_is_not_there_is_named_without_its_password() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    source = PrometheusSource(PrometheusQueries(url=f"http://me:word@127.0.0.1:{port}", cpu="up"))
    with pytest.raises(WatchError) as caught:
        source.read(0.0)
    source.close()
    assert f"Prometheus http://127.0.0.1:{port}/***, query cpu: " in str(caught.value)
    assert "word" not in str(caught.value)
