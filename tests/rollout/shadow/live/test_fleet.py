"""Processes that die: clients go on being served."""

from __future__ import annotations

import psutil

from loadgen.target import running_target
from rollout.shadow.live.tally import Fate
from tests.loadgen.target.client import Client
from tests.rollout.shadow.live.running import Shadow, running_shadow
from tests.rollout.shadow.live.test_live import _ask, _port


def _children(shadow: Shadow) -> list[psutil.Process]:
    """The mirror, then the proxies: in the order in which they were forked."""
    return sorted(psutil.Process(shadow.process.pid).children(), key=lambda child: child.pid)


def test_without_its_mirror_a_proxy_goes_on() -> None:
    with (
        running_target() as production,
        running_target() as canary,
        running_shadow(_port(production), _port(canary)) as shadow,
        Client(shadow.url) as client,
    ):
        assert _ask(client, "GET", "/") == 200
        mirror, _ = _children(shadow)
        mirror.kill()
        shadow.await_line("note: the mirror's process was killed by signal 9; requests pass")
        assert [_ask(client, "GET", "/") for _ in range(5)] == [200] * 5
        result, _ = shadow.stop()
    assert result.counts.fates[Fate.MIRROR_GONE] >= 4, "the first may fall into its death"


def test_a_proxy_that_dies_is_replaced() -> None:
    with (
        running_target() as production,
        running_target() as canary,
        running_shadow(_port(production), _port(canary)) as shadow,
    ):
        _, proxy = _children(shadow)
        proxy.kill()
        shadow.await_line("note: a proxy process was killed by signal 9 and was replaced; its")
        with Client(shadow.url) as client:
            assert _ask(client, "GET", "/") == 200
        result, _ = shadow.stop()
    assert result.counts.fates[Fate.MIRROR_GONE] == 1


def test_a_proxy_that_dies_again_and_again_ends_it() -> None:
    with (
        running_target() as production,
        running_target() as canary,
        running_shadow(_port(production), _port(canary)) as shadow,
    ):
        for _ in range(10):
            _children(shadow)[-1].kill()
            shadow.await_line("note: a proxy process was killed")
        _children(shadow)[-1].kill()
        assert shadow.process.wait(20) == 1
