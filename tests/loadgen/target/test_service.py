from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TypeVar

import pytest
import uvloop

from loadgen.target import Settings, counters
from loadgen.target.counters import Counters, answer_word
from loadgen.target.service import Service, path_of
from loadgen.target.timer import Timer

MS = 1_000_000
STARTED_NS = 5_000 * MS
USERS = answer_word("/api/users", "GET", 200)
_T = TypeVar("_T")


def _ask(settings: Settings, question: Callable[[Service], _T]) -> _T:
    """Asks the service of a one-process target that started at STARTED_NS."""

    async def ask() -> _T:
        memory = Counters(1)
        timer = Timer(asyncio.get_running_loop())
        service = Service(
            settings.behaviour, memory=memory, process=0, started_ns=STARTED_NS, timer=timer
        )
        answer = question(service)
        service.counts.release()
        timer.close()
        memory.close()
        return answer

    return uvloop.run(ask())


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (b"/api/users", "/api/users"),
        (b"/api/users?page=2", "/api/users"),
        (b"/?", "/"),
        (b"http://x:80/api/users?page=2", "/api/users"),
        (b"http://x", "/"),
        (b"*", "*"),
        (b"x:443", ""),
        (b"/\xff", "/\xff"),
    ],
)
def test_reads_the_path_of_every_form(url: bytes, path: str) -> None:
    assert path_of(url) == path


@pytest.mark.parametrize(
    ("stall", "word", "now_ms", "due_ms"),
    [
        ("", USERS, 100, 120),
        ("", counters.BAD_REQUESTS, 100, 100),
        ("", counters.CONTROL, 100, 100),
        ("every:1s,for:100ms", USERS, 100, 120),
        ("every:1s,for:100ms", USERS, 950, 1000),
        ("every:1s,for:100ms", USERS, 885, 1000),
        ("every:1s,for:100ms", USERS, 990, 1010),
        ("every:1s,for:100ms", counters.CONTINUED, 950, 1000),
        ("every:1s,for:100ms", counters.CONTROL, 950, 950),
    ],
)
def test_due_is_after_the_latency_and_outside_stalls(
    stall: str, word: int, now_ms: int, due_ms: int
) -> None:
    """Only real requests have a latency; only questions to the target itself never wait."""
    due_ns = _ask(
        Settings.parse(latency="20ms", stall=stall),
        lambda service: service.due_ns(word, STARTED_NS + now_ms * MS),
    )
    assert due_ns == STARTED_NS + due_ms * MS


def test_one_path_may_have_a_latency_of_its_own() -> None:
    orders = answer_word("/api/orders", "POST", 500)
    settings = Settings.parse(latency="20ms", slow="/api/orders=70ms")
    due_ns = _ask(
        settings, lambda service: [service.due_ns(word, STARTED_NS) for word in (USERS, orders)]
    )
    assert due_ns == [STARTED_NS + 20 * MS, STARTED_NS + 70 * MS]


def test_the_fast_way_is_only_for_answers_that_never_vary() -> None:
    assert not _ask(Settings.parse(), lambda service: service.picky)
    assert _ask(Settings.parse(error_rate="1%"), lambda service: service.picky)
    assert _ask(Settings.parse(chunked=True), lambda service: service.picky)


def test_stats_are_json_and_counted_as_control() -> None:
    answer = _ask(
        Settings.parse(), lambda service: service.choose("GET", "/_target/stats", http_1_0=False)
    )
    head, _, body = answer.keep.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.word == counters.CONTROL
    assert json.loads(body)["requests"]["received"] == 0
