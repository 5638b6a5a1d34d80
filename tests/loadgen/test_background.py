"""One thread for the newest item: what it handles, what it leaves out, how it ends."""

from __future__ import annotations

import threading

from loadgen.background import Background

PATIENCE_S = 10.0


def test_everything_is_handled_when_there_is_time() -> None:
    handled: list[int] = []
    background = Background(handled.append, name="test")
    background.offer(1)
    assert background.finish(within_s=PATIENCE_S)
    assert handled == [1]


def test_the_newest_replaces_what_waits() -> None:
    handled: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    def handle(item: int) -> None:
        handled.append(item)
        begun.set()
        assert go_on.wait(PATIENCE_S)

    background = Background(handle, name="test")
    background.offer(1)
    assert begun.wait(PATIENCE_S)
    for item in (2, 3, 4):
        background.offer(item)
    go_on.set()
    assert background.finish(within_s=PATIENCE_S)
    assert handled == [1, 4]


def test_nothing_is_taken_after_the_end() -> None:
    handled: list[int] = []
    background = Background(handled.append, name="test")
    assert background.finish(within_s=PATIENCE_S)
    background.offer(1)
    assert handled == []


def test_a_thread_that_hangs_is_left_behind() -> None:
    let_go = threading.Event()

    def hang(item: int) -> None:
        assert let_go.wait(item)

    background = Background(hang, name="test")
    background.offer(10)
    assert not background.finish(within_s=0.01)
    let_go.set()
    assert background.finish(within_s=PATIENCE_S)
