"""Recorded requests on the wire: what is sent, in which order, and what becomes of each."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable

import pytest

from loadgen.errors import ConfigError
from loadgen.target_url import Target
from loadgen.tls import TlsOptions
from rollout.shadow.live.dialing import Dialer, Peer
from rollout.shadow.live.selection import Selection
from rollout.shadow.live.settings import Limits
from rollout.shadow.live.side import Side
from rollout.shadow.pair import Pair
from rollout.shadow.recorded.entry import Entry
from rollout.shadow.recorded.replay import MOST_BRAKES, Replay, ReplaySettings, request_bytes
from tests.rollout.shadow.answering import answering
from tests.scripted import scripted_server


class Kept:
    """A sink that keeps all pairs."""

    def __init__(self) -> None:
        self.pairs: list[Pair] = []

    def put(self, pair: Pair) -> None:
        self.pairs.append(pair)


def entry(target: str, method: str = "GET", **headers: str) -> Entry:
    return Entry(at_s=0.0, method=method, target=target, headers=tuple(headers.items()))


def replayed(
    urls: list[str],
    entries: Iterable[Entry],
    *,
    selection: Selection | None = None,
    limits: Limits | None = None,
) -> tuple[Replay, list[Pair]]:
    """A replay that has ended, and its pairs."""
    sink = Kept()
    settings = ReplaySettings(
        targets=tuple(map(Target.parse, urls)),
        speed=math.inf,
        selection=selection or Selection(),
        limits=limits or Limits(timeout_s=5),
    )

    async def work() -> Replay:
        sides = [
            Side(
                Dialer(Peer.find(target, TlsOptions())).connect,
                timeout_s=settings.limits.timeout_s,
                limit_bytes=settings.limits.body_bytes,
            )
            for target in settings.targets
        ]
        done = Replay(settings, sides, sink)
        await done.run(entries)
        for side in sides:
            side.close()
        return done

    return asyncio.run(work()), sink.pairs


def test_what_is_sent() -> None:
    target = Target.parse("http://example.com/base")
    sent = request_bytes(entry("/a?b=c", Accept="*/*"), target)
    assert sent == (
        b"GET /base/a?b=c HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\n"
        b"Accept-Encoding: gzip\r\nUser-Agent: loadgen-shadow\r\n\r\n"
    )
    with_body = Entry(at_s=0, method="POST", target="/", headers=(("User-Agent", "x"),), body=b"ab")
    assert request_bytes(with_body, target).endswith(b"gzip\r\nContent-Length: 2\r\n\r\nab")


def test_both_sides_are_asked_the_same() -> None:
    with (
        answering(lambda _, target: {"path": target}) as production,
        answering(lambda _, target: {"path": target.upper()}) as canary,
        answering(lambda _, target: 503) as baseline,
    ):
        targets = [f"/{letter}" for letter in "abcdef"]
        done, pairs = replayed(
            [production.url, canary.url, baseline.url],
            [*map(entry, targets), entry("/head", "HEAD")],
        )
        assert (done.seen, done.paired, done.lost.total()) == (7, 7, 0)
        expected = sorted([*(f"GET {target}" for target in targets), "HEAD /head"])
        for side in (production, canary, baseline):
            assert sorted(side.requests) == expected
            assert side.headers["Host"] == side.url.removeprefix("http://")
    by_target = {pair.request.target: pair for pair in pairs}
    found = by_target["/a"]
    assert found.production.body == b'{"path": "/a"}'
    assert found.canary.body == b'{"path": "/A"}'
    assert found.baseline is not None
    assert found.baseline.status == 503
    assert found.production.service_ns > 0
    assert by_target["/head"].production.body == b""
    assert by_target["/head"].production.error == ""


def test_only_safe_methods_are_sent() -> None:
    mixed = [
        entry("/a"),
        entry("/b", "POST"),
        entry("/c", "DELETE"),
        Entry(at_s=0, method="POST", target="/d", headers=(("Idempotency-Key", "1"),)),
    ]
    with answering(lambda *_: 200) as one, answering(lambda *_: 200) as other:
        done, _ = replayed([one.url, other.url], mixed)
        assert other.requests == ["GET /a"]
        assert done.lost == {"method not mirrored": 3, "not answered at the end": 0}
        selection = Selection(methods=frozenset({"POST"}), idempotency_header="Idempotency-Key")
        done, _ = replayed([one.url, other.url], mixed, selection=selection)
        assert sorted(other.requests[1:]) == ["GET /a", "POST /d"]
        assert +done.lost == {"method not mirrored": 1, "no idempotency key": 1}
    with pytest.raises(ConfigError):
        Selection(methods=frozenset({"POST"}))


def test_a_sample_is_the_same_each_time() -> None:
    entries = [entry(f"/{number}") for number in range(200)]
    half = Selection(sample_ratio=0.5)
    with answering(lambda *_: 200) as one, answering(lambda *_: 200) as other:
        first, pairs = replayed([one.url, other.url], entries, selection=half)
        _, again = replayed([one.url, other.url], entries, selection=half)
    assert 70 <= len(pairs) <= 130  # beyond four standard deviations
    assert +first.lost == {"not in the sample": 200 - len(pairs)}
    assert {pair.request.target for pair in pairs} == {pair.request.target for pair in again}


def test_a_canary_that_resets_is_told_and_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rollout.shadow.live.brake.FIRST_PAUSE_NS", 1_000_000)
    monkeypatch.setattr("rollout.shadow.live.brake.LONGEST_PAUSE_NS", 1_000_000)
    with (
        answering(lambda *_: 200) as production,
        scripted_server(lambda connection, *_: connection.close()) as canary,
    ):
        done, pairs = replayed(
            [production.url, f"http://127.0.0.1:{canary.port}"],
            (entry(f"/{number}") for number in range(100_000)),
            limits=Limits(concurrency=4, timeout_s=5),
        )
    assert done.has_given_up
    assert len(done.brakes) == MOST_BRAKES
    assert {pair.canary.error for pair in pairs} <= {"closed", "reset"}
    assert done.seen < 1_000
    assert done.seen == done.paired + done.lost.total()


def test_an_abort_waits_for_nothing() -> None:
    with (
        answering(lambda *_: 200) as production,
        scripted_server(
            lambda connection, *_: connection.recv(1 << 20) and connection.recv(1)
        ) as canary,
    ):
        urls = [production.url, f"http://127.0.0.1:{canary.port}"]
        settings = ReplaySettings(targets=tuple(map(Target.parse, urls)), speed=math.inf)

        async def work() -> Replay:
            sides = [
                Side(Dialer(Peer.find(each, TlsOptions())).connect, timeout_s=60, limit_bytes=1000)
                for each in settings.targets
            ]
            done = Replay(settings, sides, Kept())
            running = asyncio.ensure_future(done.run([entry("/")]))
            while not production.requests:  # noqa: ASYNC110 - a thread of the server fills it
                await asyncio.sleep(0.01)
            done.abort()
            await running
            for side in sides:
                side.close()
            return done

        done = asyncio.run(work())
    assert (done.seen, done.paired, done.lost["not answered at the end"]) == (1, 0, 1)
