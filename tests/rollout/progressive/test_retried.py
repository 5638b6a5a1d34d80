"""Work that is begun again when it cannot be done."""

from __future__ import annotations

import threading

from loadgen.errors import LoadgenError
from rollout.progressive.judge import PAUSES_S
from rollout.progressive.retried import Retried


def _fail() -> str:
    raise LoadgenError("nobody listens")


def _ended(work: Retried[str]) -> str | None:
    """What it came to, once its thread has ended."""
    for thread in threading.enumerate():
        if thread.name == "work":
            thread.join(10)
    assert work.is_done()
    return work.take()


def test_what_can_be_done_is_done_once_and_kept() -> None:
    work: Retried[str] = Retried("work", lambda: 0.0)
    assert work.is_due()
    work.begin(lambda: "done")
    assert _ended(work) == "done"
    assert work.take() == "done"
    assert work.is_begun()
    assert not work.is_due()
    work.drop()
    assert not work.is_begun()


def test_it_is_tried_after_each_pause_and_then_lost() -> None:
    clock_s = 100.0
    work: Retried[str] = Retried("work", lambda: clock_s)
    for pause_s in PAUSES_S:
        work.begin(_fail)
        assert _ended(work) is None
        assert work.trouble == "nobody listens"
        assert not work.is_lost()
        clock_s += 0.99 * pause_s
        assert not work.is_due()
        clock_s += 0.02 * pause_s
        assert work.is_due()
    work.begin(_fail)
    assert _ended(work) is None
    assert work.is_lost()
    work.reset()
    assert not work.is_lost()
    assert (work.is_due(), work.trouble) == (True, "")
