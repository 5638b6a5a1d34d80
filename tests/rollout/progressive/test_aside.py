"""A blocking call beside a loop."""

from __future__ import annotations

import threading

import pytest

from rollout.progressive.aside import Aside, HandOver


def _finish(aside: Aside[int]) -> None:
    while not aside.is_done():
        pass


def test_what_is_handed_over_is_done_by_the_loop_before_the_call_goes_on() -> None:
    seen: list[tuple[str, bool]] = []
    main = threading.current_thread()

    def note(what: str) -> None:
        seen.append((what, threading.current_thread() is main))

    def work(hand_over: HandOver) -> int:
        hand_over(lambda: note("handed over"))
        note("went on")
        return 7

    aside = Aside(work, name="test")
    _finish(aside)
    assert aside.result() == 7
    assert seen == [("handed over", True), ("went on", False)]


def test_its_error_is_raised_where_its_result_is_wanted() -> None:
    def work(_hand_over: HandOver) -> int:
        raise ValueError("no")

    aside = Aside(work, name="test")
    _finish(aside)
    with pytest.raises(ValueError, match="no"):
        aside.result()
