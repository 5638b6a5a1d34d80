"""A live shadow test as a whole: two servers, a proxy between, pairs at the end."""

from __future__ import annotations

import socket
from collections import Counter
from urllib.parse import urlsplit

import pytest

from loadgen.errors import ConfigError, TargetError
from loadgen.interrupts import Interrupts
from loadgen.target import running_target
from loadgen.target_url import Target
from loadgen.tls import TlsOptions
from rollout.shadow.live.dialing import Peer
from rollout.shadow.live.live import run_live, same_servers
from rollout.shadow.live.settings import LiveSettings
from rollout.shadow.live.tally import Fate
from rollout.shadow.live.watch import Ears
from rollout.shadow.pair import Pair
from tests.loadgen.target.client import Client, stats
from tests.rollout.shadow.live.running import running_shadow


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


def _ask(client: Client, method: str, path: str, fields: str = "", body: str = "") -> int:
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    client.send(f"{method} {path} HTTP/1.1\r\nHost: shop\r\n{fields}{length}\r\n{body}".encode())
    return client.answer(method).status


class _Nothing:
    def put(self, pair: Pair) -> None:
        raise AssertionError(pair)


def test_pairs_hold_what_both_sides_said_and_every_request_is_accounted_for() -> None:
    with (
        running_target() as production,
        running_target(body_size="10") as canary,
        running_target() as baseline,
        running_shadow(
            _port(production), _port(canary), baseline=_port(baseline), processes="2"
        ) as shadow,
    ):
        for _ in range(5):
            with Client(shadow.url) as client:
                assert _ask(client, "GET", "/api/users?page=1", "Cookie: a=b\r\n") == 200
                assert _ask(client, "HEAD", "/api/health") == 200
                assert _ask(client, "GET", "/no/such") == 404
                assert _ask(client, "POST", "/api/orders", body="{}") == 200
        result, pairs = shadow.stop()
        seen = {
            name: stats(url)["requests"]["answered"]
            for name, url in (("production", production), ("canary", canary))
        }
    assert seen == {"production": 20, "canary": 15}
    assert result.counts.seen == 20
    assert {fate: n for fate, n in result.counts.fates.items() if n} == {
        Fate.PAIRED: 15,
        Fate.METHOD: 5,
    }
    asked = Counter((pair.request.method, pair.request.target) for pair in pairs)
    assert asked == {
        ("GET", "/api/users?page=1"): 5,
        ("HEAD", "/api/health"): 5,
        ("GET", "/no/such"): 5,
    }
    for pair in pairs:
        assert pair.baseline is not None
        assert pair.baseline.status == pair.production.status == pair.canary.status
        assert pair.baseline.body == pair.production.body
        assert pair.production.service_ns > 0
        assert pair.canary.service_ns > 0
        if pair.request.target.startswith("/api/users"):
            assert len(pair.canary.body) == 10 != len(pair.production.body)
            assert ("Cookie", "a=b") in pair.request.headers
    assert (result.notes, result.brakes) == ((), ())


def test_other_methods_are_mirrored_with_their_key_only() -> None:
    with (
        running_target() as production,
        running_target() as canary,
        running_shadow(
            _port(production),
            _port(canary),
            methods="POST",
            idempotency_header="Idempotency-Key",
        ) as shadow,
        Client(shadow.url) as client,
    ):
        assert _ask(client, "POST", "/api/orders", "idempotency-key: 7\r\n", "{}") == 200
        assert _ask(client, "POST", "/api/orders", body="{}") == 200
        assert _ask(client, "DELETE", "/api/orders") == 200
        result, pairs = shadow.stop()
        assert stats(canary)["requests"]["answered"] == 1
    assert [(pair.request.method, pair.request.body) for pair in pairs] == [("POST", b"{}")]
    fates = result.counts.fates
    assert (fates[Fate.PAIRED], fates[Fate.NO_KEY], fates[Fate.METHOD]) == (1, 1, 1)


def test_what_is_over_a_limit_passes_through_unmirrored() -> None:
    with (
        running_target(body_size="50k") as production,
        running_target() as canary,
        running_shadow(_port(production), _port(canary), body_limit="40k") as shadow,
        Client(shadow.url) as client,
    ):
        client.send(b"GET /api/users HTTP/1.1\r\nHost: x\r\n\r\n")
        assert len(client.answer().body) == 50_000
        result, pairs = shadow.stop()
    assert pairs == []
    assert result.counts.fates[Fate.TOO_LARGE] == 1


def test_the_rate_of_the_mirror_is_kept() -> None:
    with (
        running_target() as production,
        running_target() as canary,
        running_shadow(_port(production), _port(canary), rate_limit="0.01") as shadow,
        Client(shadow.url) as client,
    ):
        assert [_ask(client, "GET", "/") for _ in range(20)] == [200] * 20
        result, pairs = shadow.stop()
    assert len(pairs) == 1
    assert result.counts.fates[Fate.RATE] == 19


def test_a_canary_that_is_down_from_the_start_ends_it_before_anything_is_mirrored() -> None:
    with running_target() as production, socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
        gone.close()
        settings = LiveSettings.parse(
            listen="127.0.0.1:0",
            production_url=production,
            canary_url=f"http://127.0.0.1:{port}",
        )
        with pytest.raises(TargetError, match=f"target http://127.0.0.1:{port} cannot be conn"):
            run_live(settings, _Nothing(), Ears(on_ready=pytest.fail), interrupts=Interrupts())


def test_a_port_in_use_is_a_plain_error() -> None:
    with running_target() as production:
        settings = LiveSettings.parse(
            listen=production.removeprefix("http://"),
            production_url=production,
            canary_url=production,
        )
        with pytest.raises(ConfigError, match=r"^shadow: 127.0.0.1:\d+ is in use by another"):
            run_live(settings, _Nothing(), Ears(on_ready=pytest.fail), interrupts=Interrupts())


def _found(url: str) -> Peer:
    return Peer.find(Target.parse(url), TlsOptions())


def test_sides_that_are_one_server_are_told() -> None:
    one, same, other = map(
        _found, ("http://127.0.0.1:8000", "http://localhost:8000", "http://127.0.0.1:8001")
    )
    assert same_servers([one, other]) == []
    (note,) = same_servers([one, other, same])
    assert note.startswith(
        "--production-url and --baseline-url are the same server (http://127.0.0.1:8000)"
    )
