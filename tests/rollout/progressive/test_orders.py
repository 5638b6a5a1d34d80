"""Orders from another process, and their answers."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from rollout.progressive.database import open_database
from rollout.progressive.machine import Event
from rollout.progressive.orders import await_answer, place_order, waiting_orders


def test_orders_wait_in_their_order_and_by_rollout(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    place_order(path, "one", Event.PAUSE, who="ann", why="lunch")
    place_order(path, "two", Event.TAKE_BACK, who="bob")
    place_order(path, "one", Event.PROMOTE, who="ann")
    with closing(open_database(path)) as database:
        orders = waiting_orders(database, "one")
    assert [(order.event, order.why) for order in orders] == [("pause", "lunch"), ("promote", "")]


def test_nobody_answers(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    number = place_order(path, "one", Event.PAUSE, who="ann")
    naps: list[float] = []
    assert await_answer(path, number, within_s=1, sleep=naps.append) == ""
    assert sum(naps) == pytest.approx(1)


def test_an_answer_is_given_back(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    number = place_order(path, "one", Event.PAUSE, who="ann")

    def answer(_nap_s: float) -> None:
        with closing(open_database(path)) as database:
            database.execute("UPDATE orders SET answer = 'done: paused'")

    assert await_answer(path, number, within_s=1, sleep=answer) == "done: paused"
