"""Docker's stats by a socket that answers as Docker does."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadgen.watch.container import ContainerSource
from loadgen.watch.usage import Usage, WatchError
from tests.loadgen.watch.http_answer import serving


def stats(cpu_s: float, *, cache: str = "inactive_file") -> dict[str, object]:
    """The part of Docker's answer that matters, with some that does not."""
    return {
        "name": "/shop",
        "cpu_stats": {
            "cpu_usage": {"total_usage": round(cpu_s * 1e9), "usage_in_usermode": 1},
            "online_cpus": 4,
        },
        "memory_stats": {"usage": 300_000_000, "limit": 2**33, "stats": {cache: 100_000_000}},
    }


@pytest.mark.parametrize("cache", ["inactive_file", "total_inactive_file"])
def test_cpu_between_two_answers_and_memory_without_idle_cache(tmp_path: Path, cache: str) -> None:
    path = tmp_path / "docker.sock"
    answers = [(200, stats(cpu_s, cache=cache)) for cpu_s in (10.0, 11.5)]
    with serving(path, *answers) as asked:
        source = ContainerSource("shop/web", socket=path)
        first, second = source.read(0.0), source.read(1.0)
        source.close()
    assert first == Usage(cpu_percent=None, memory_bytes=200_000_000)
    assert second == Usage(cpu_percent=150.0, memory_bytes=200_000_000)
    assert asked[0] == "GET /containers/shop%2Fweb/stats?stream=0&one-shot=1 HTTP/1.1"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((404, {"message": "No such container: shop"}), "container shop: there is none"),
        ((500, {}), "container shop: Docker answered 500"),
        ((200, {"cpu_stats": {"cpu_usage": {}}, "memory_stats": {}}), "it does not run"),
    ],
)
def test_what_cannot_be_told_is_said(
    tmp_path: Path, answer: tuple[int, object], expected: str
) -> None:
    path = tmp_path / "docker.sock"
    with serving(path, answer):
        source = ContainerSource("shop", socket=path)
        with pytest.raises(WatchError, match=expected):
            source.read(0.0)
        source.close()


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # httpcore2's own
def test_no_docker_names_the_socket(tmp_path: Path) -> None:
    source = ContainerSource("shop", socket=tmp_path / "none.sock")
    with pytest.raises(WatchError, match=r"none\.sock: .*No such file"):
        source.read(0.0)
    source.close()
