"""nginx's split: the file, the test, the reload and its workers, seen in real answers."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from benchmarks.proxies import Proxy, running_split_nginx
from rollout.routers.nginx import NginxRouter, split_block
from rollout.routers.router import Change, RouterError
from tests.rollout.routers.behind import answers, in_front_of_two


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    with in_front_of_two(running_split_nginx) as running:
        yield running


@pytest.fixture
def router(proxy: Proxy) -> NginxRouter:
    assert isinstance(proxy.router, NginxRouter)
    proxy.router.set(0)
    return proxy.router


def test_the_file_is_a_block_that_nginx_reads() -> None:
    names = {"key": "$request_id", "variable": "side", "stable": "v1", "canary": "v2"}
    assert split_block(5, **names) == (
        "# Written by loadgen rollout, which replaces it.\n"
        'split_clients "$request_id" $side {\n    5% v2;\n    * v1;\n}\n'
    )
    assert "%" not in split_block(0, **names)
    assert "v1" not in split_block(100, **names)


@pytest.mark.parametrize(
    ("weight_percent", "low", "high"),
    # Five standard deviations of the binomial around the mean, and the ends exactly.
    [(12.5, 33, 167), (50, 321, 479), (100, 800, 800), (0, 0, 0)],
)
def test_the_weight_moves_real_answers(
    proxy: Proxy, router: NginxRouter, weight_percent: float, low: int, high: int
) -> None:
    router.set(weight_percent)
    assert router.get() == weight_percent
    assert low <= answers(proxy, 800)["canary"] <= high
    assert router.verify() is None


def test_a_file_that_nginx_refuses_is_put_back(proxy: Proxy, router: NginxRouter) -> None:
    before = router.include.read_bytes()
    with pytest.raises(RouterError, match=r"unknown \"loadgen_side\" variable.*old file") as caught:
        replace(router, variable="other").set(5)
    assert caught.value.lasting
    assert router.include.read_bytes() == before
    assert answers(proxy, 50) == {"stable": 50}
    assert [file.name for file in router.include.parent.glob(".*")] == []


def test_other_workers_serve_after_each_change(proxy: Proxy, router: NginxRouter) -> None:
    def serving() -> set[str]:
        children = f"ps -o pid=,args= --ppid {proxy.process.pid}"
        lines = subprocess.run(children.split(), capture_output=True, text=True, check=True).stdout
        return {line.split()[0] for line in lines.splitlines() if "shutting down" not in line}

    before = serving()
    router.set(5)
    assert serving() & before == set()


def test_workers_that_are_not_replaced_are_found_out(
    router: NginxRouter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An nginx that tests and reloads another configuration than the one that serves."""
    monkeypatch.setattr("rollout.routers.nginx.RELOAD_S", 0.2)
    before = router.include.read_bytes()
    with pytest.raises(RouterError, match=r"old workers still served 0\.2 s later"):
        replace(router, command=("true",)).set(5)
    assert router.include.read_bytes() == before


def test_a_crash_between_file_and_reload_is_seen_afterwards(
    proxy: Proxy, router: NginxRouter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the file says is not what nginx does; setting the weight again mends it."""
    with monkeypatch.context() as patch:
        patch.setattr("rollout.routers.nginx.run_command", _crash)
        with pytest.raises(_CrashError):
            router.set(100)
    assert answers(proxy, 50) == {"stable": 50}
    with pytest.raises(RouterError, match="whether nginx loaded it is not known") as caught:
        router.get()
    assert not caught.value.lasting
    router.set(100)
    assert router.get() == 100
    assert answers(proxy, 50) == {"canary": 50}


class _CrashError(Exception):
    """Stands for SIGKILL: no `except` of the router's catches it."""


def _crash(*_: object, **__: object) -> NoReturn:
    raise _CrashError


def test_what_will_be_done_is_said_with_what_undoes_it(router: NginxRouter) -> None:
    (change,) = router.changes(5)
    reload = f"and reload ({' '.join(router.command)} -s reload)"
    assert change == Change(
        action=f"nginx: write {router.include} with 5 % for canary, {reload}",
        inverse=f"nginx: write {router.include} with 0 % for canary, {reload}",
    )
    assert router.get() == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("split_clients $remote_addr $side { 0.5% v2; * v1; }", 0.5),
        ("split_clients ${remote_addr}x $side {\n  * v2;\n}\n", 100),
        ('map $a $b { default x; }\nsplit_clients "$request_id" $side { * v1; }', 0),
    ],
)
def test_files_of_other_hands_are_read(tmp_path: Path, text: str, expected: float) -> None:
    (tmp_path / "split.conf").write_text(text)
    router = NginxRouter(include=tmp_path / "split.conf", variable="side", stable="v1", canary="v2")
    assert router.get() == expected


@pytest.mark.parametrize(
    "text", ["", "split_clients $a $other { * v1; }", "split_clients $a $side"]
)
def test_files_without_the_block_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "split.conf").write_text(text)
    router = NginxRouter(include=tmp_path / "split.conf", variable="side")
    with pytest.raises(RouterError, match=r"expected one such as: .* \$side { \* stable; }"):
        router.get()


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    router = NginxRouter(include=tmp_path / "split.conf")
    for ask in (router.get, lambda: router.set(5)):
        with pytest.raises(RouterError, match=r"cannot be read .*; write it once, with") as caught:
            ask()
        assert caught.value.lasting


def test_a_pid_file_that_names_no_nginx_is_said(router: NginxRouter, tmp_path: Path) -> None:
    before = router.include.read_bytes()
    with pytest.raises(RouterError, match=r"names no process of nginx; set router\.pid"):
        replace(router, pid_file=tmp_path / "none.pid").set(5)
    assert router.include.read_bytes() == before
