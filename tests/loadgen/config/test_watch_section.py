"""`watch:` as it is written, refused and handed on."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadgen.config.file import parse_config
from loadgen.errors import ConfigError
from loadgen.watch.options import PrometheusQueries, WatchOptions


def read(text: str) -> WatchOptions:
    section = parse_config(text, "loadgen.yml", lambda _: b"").config.watch
    assert section is not None
    return section.options()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("watch: {pid: 1234}", WatchOptions(pid=1234)),
        ("watch: {container: shop}", WatchOptions(container="shop")),
        (
            "watch: {container: shop, docker_socket: /run/user/1000/docker.sock}",
            WatchOptions(container="shop", docker_socket=Path("/run/user/1000/docker.sock")),
        ),
        (
            "watch: {prometheus: {url: 'http://localhost:9090', cpu: up, memory: down}}",
            WatchOptions(
                prometheus=PrometheusQueries(url="http://localhost:9090", cpu="up", memory="down")
            ),
        ),
    ],
)
def test_each_way(text: str, expected: WatchOptions) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("watch: {pid: 1, container: shop}", "found pid and container, expected one of them"),
        ("watch: {pid: 0}", "watch.pid: found '0', expected"),
        (
            "watch: {prometheus: {url: 'http://localhost:9090'}}",
            "found no query, expected cpu, memory or both",
        ),
        ("watch: {prometheus: {cpu: up}}", "found no url, expected it here"),
        ("watch: {cntainer: x}", "did you mean container?"),
    ],
)
def test_mistakes(text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text)
    [problem] = caught.value.problems
    assert expected in problem
