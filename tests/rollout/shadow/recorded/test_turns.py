"""Whose turn it is: at its time, within rate and limit, not while the canary drowns."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Coroutine
from typing import TypeVar

import pytest

from rollout.shadow.live.brake import Outcome
from rollout.shadow.live.settings import Limits
from rollout.shadow.recorded import turns
from rollout.shadow.recorded.turns import Turns

T = TypeVar("T")
GOOD = Outcome(error="", status=200, service_ns=1, production_status=200, production_ns=1)
BAD = Outcome(error="reset", status=0, service_ns=1, production_status=200, production_ns=1)


def timed(work: Coroutine[object, object, T]) -> tuple[T, float]:
    begin_s = time.monotonic()
    return asyncio.run(work), time.monotonic() - begin_s


def test_nobody_is_early() -> None:
    async def three(speed: float) -> list[bool]:
        given = Turns(Limits(), speed)
        return [await given.wait(at_s) for at_s in (0.0, 0.2, 0.4)]

    found, seconds = timed(three(1.0))
    assert found == [True] * 3
    assert seconds >= 0.4
    _, seconds = timed(three(4.0))
    assert seconds >= 0.1
    _, seconds = timed(three(math.inf))
    assert seconds < 0.4


def test_a_rate_is_kept() -> None:
    async def work() -> list[bool]:
        given = Turns(Limits(rate_rps=50, concurrency=100), math.inf)
        return [await given.wait(0) for _ in range(25)]

    found, seconds = timed(work())
    assert all(found)
    assert seconds >= (25 - 5 - 1) / 50  # a tenth of a second's worth may come at once


def test_no_more_than_the_limit_are_under_way() -> None:
    async def work() -> bool:
        given = Turns(Limits(concurrency=2), math.inf)
        assert await given.wait(0)
        assert await given.wait(0)
        third = asyncio.ensure_future(given.wait(0))
        await asyncio.sleep(0.01)
        assert not third.done()
        given.done(GOOD)
        return await third

    assert timed(work())[0]


def test_what_is_too_late_has_no_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LATEST_S", 0.05)

    async def work(speed: float) -> bool:
        given = Turns(Limits(concurrency=1), speed)
        assert await given.wait(0)
        second = asyncio.ensure_future(given.wait(0))
        await asyncio.sleep(0.1)
        given.done(GOOD)
        return await second

    assert not timed(work(1.0))[0]
    assert timed(work(math.inf))[0]


def test_a_canary_that_drowns_is_left_alone() -> None:
    async def work() -> tuple[bool, int]:
        given = Turns(Limits(), math.inf)
        for _ in range(40):
            assert await given.wait(0)
            given.done(BAD)
        waiting = asyncio.ensure_future(given.wait(0))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        given.stop()
        return await waiting, len(given.brakes)

    assert timed(work())[0] == (False, 1)


def test_a_stop_wakes_who_sleeps() -> None:
    async def work() -> bool:
        given = Turns(Limits(), 1.0)
        waiting = asyncio.ensure_future(given.wait(60))
        await asyncio.sleep(0)
        given.stop()
        return await waiting

    found, seconds = timed(work())
    assert not found
    assert seconds < 10
