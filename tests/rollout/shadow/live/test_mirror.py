"""The mirror in use: a canary that drowns is left alone, and clients notice nothing of it."""

from __future__ import annotations

import socket
import threading

from loadgen.target import running_target
from rollout.shadow.live.tally import Fate
from tests.loadgen.target.client import Client
from tests.rollout.shadow.live.running import running_shadow
from tests.rollout.shadow.live.test_live import _ask, _port
from tests.scripted import Peer, read_request, reset, scripted_server


def _reset(connection: socket.socket, _number: int, peer: Peer) -> None:
    if read_request(connection, peer):
        reset(connection)


def test_a_canary_that_drowns_is_left_alone() -> None:
    with (
        running_target() as production,
        scripted_server(_reset) as canary,
        running_shadow(_port(production), canary.port, rate_limit="100000") as shadow,
        Client(shadow.url) as client,
    ):
        for _ in range(40):
            assert _ask(client, "GET", "/api/users") == 200
        shadow.await_line("note: the mirror has stopped itself, the canary is drowning (40 of the")
        asked = canary.requests
        for _ in range(20):
            assert _ask(client, "GET", "/api/users") == 200
        result, pairs = shadow.stop()
        assert canary.requests == asked == 40
    assert {pair.canary.error for pair in pairs} == {"reset"}
    assert result.counts.fates[Fate.BRAKED] == 20
    (event,) = result.brakes
    assert event.is_on


def test_answers_that_nobody_got_are_counted_at_the_end() -> None:
    def hang(connection: socket.socket, _number: int, peer: Peer) -> None:
        if read_request(connection, peer):
            asked.set()
            connection.recv(1)

    asked = threading.Event()
    with (
        running_target() as production,
        scripted_server(hang) as canary,
        running_shadow(
            _port(production), canary.port, timeout="500ms", concurrency_limit="2"
        ) as shadow,
        Client(shadow.url) as client,
    ):
        assert [_ask(client, "GET", "/") for _ in range(20)] == [200] * 20
        assert asked.wait(10)
        result, pairs = shadow.stop()
    fates = result.counts.fates
    assert result.counts.seen == 20 == sum(fates.values())
    assert fates[Fate.QUEUE_FULL] == 20 - 2 - 4 * 2, "two under way, four times two wait"
    assert fates[Fate.PAIRED] == len(pairs)
    assert fates[Fate.UNFINISHED] > 0
