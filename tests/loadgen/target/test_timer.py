from __future__ import annotations

import asyncio
import time
from functools import partial

import uvloop

from loadgen.target.timer import Timer

MS = 1_000_000


def _run(delays_ns: list[int]) -> list[tuple[int, int, int]]:
    """(order given, due, called) per call, as they were called; delays from now."""

    async def run() -> list[tuple[int, int, int]]:
        timer = Timer(asyncio.get_running_loop())
        calls: list[tuple[int, int, int]] = []
        done = asyncio.Event()

        def call(order: int, due_ns: int, now_ns: int) -> None:
            calls.append((order, due_ns, now_ns))
            if len(calls) == len(delays_ns):
                done.set()

        start_ns = time.monotonic_ns()
        for order, delay_ns in enumerate(delays_ns):
            due_ns = start_ns + delay_ns
            timer.call_at(due_ns, partial(call, order, due_ns))
        await asyncio.wait_for(done.wait(), 10)
        timer.close()
        return calls

    return uvloop.run(run())


def _set(event: asyncio.Event, _now_ns: int) -> None:
    event.set()


def test_calls_in_the_order_of_their_times_and_never_early() -> None:
    calls = _run([7 * MS, 3 * MS, 5 * MS, 3 * MS, MS])
    assert [order for order, _, _ in calls] == [4, 1, 3, 2, 0]
    assert all(called >= due for _, due, called in calls)


def test_a_time_that_has_passed_is_at_once() -> None:
    calls = _run([-MS, -(10**18), 0])
    assert sorted(order for order, _, _ in calls) == [0, 1, 2]


def test_is_finer_than_the_loop() -> None:
    """Twenty waits of 0.3 ms one after the other: the loop's own timers would take 20 ms."""

    async def run() -> int:
        timer = Timer(asyncio.get_running_loop())
        best_ns = 10**12
        for _ in range(20):
            called = asyncio.Event()
            due_ns = time.monotonic_ns() + 300_000
            timer.call_at(due_ns, partial(_set, called))
            await called.wait()
            best_ns = min(best_ns, time.monotonic_ns() - due_ns)
        timer.close()
        return best_ns

    assert 0 <= uvloop.run(run()) < 600_000


def test_after_close_nothing_is_called() -> None:
    async def run() -> list[int]:
        timer = Timer(asyncio.get_running_loop())
        calls: list[int] = []
        timer.call_at(time.monotonic_ns(), calls.append)
        timer.close()
        second = Timer(asyncio.get_running_loop())
        called = asyncio.Event()
        second.call_at(time.monotonic_ns() + MS, partial(_set, called))
        await called.wait()
        second.close()
        return calls

    assert uvloop.run(run()) == []
