"""What is written is there, whole or not at all, and a disk that is full is named."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rollout.progressive.database import JournalError, open_database
from rollout.progressive.entry import Kind, Rollout
from rollout.progressive.history import read_record
from rollout.progressive.journal import PAUSES_S, Journal
from rollout.progressive.machine import Event, Phase, begin, step
from rollout.progressive.orders import place_order
from rollout.progressive.stage import DEFAULT_STAGES

ID = "20260101T000000Z-000001"
ROLLOUT = Rollout(
    id=ID,
    deployment="shop",
    namespace="production",
    settings={"stages": [5, 100]},
    begun_at="2026-01-01T00:00:00.000Z",
    who="ann@box",
    why="a new year",
)
STATE = begin(DEFAULT_STAGES)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rollouts" / "shop.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    journal = Journal(path)
    journal.begin(ROLLOUT, STATE)
    yield journal
    journal.close()


def test_a_rollout_is_read_as_it_was_begun(journal: Journal, path: Path) -> None:
    record = read_record(path)
    assert record.rollout == ROLLOUT
    assert record.state == STATE
    assert record.entries[0].text == "Rollout of shop begun: a new year"
    assert record.entries[0].who == "ann@box"


def test_the_newest_state_is_the_state(journal: Journal, path: Path) -> None:
    holding = step(STATE, Event.SHIFTED, DEFAULT_STAGES)
    journal.change(ID, "shifted", holding, who="policy", text="proven", detail={"n": 3})
    record = read_record(path)
    assert record.state.phase is Phase.HOLDING
    assert record.entries[-1].detail == {"n": 3}


def test_an_action_without_an_outcome_is_open(journal: Journal) -> None:
    assert not journal.is_open(ID, "weight/0")
    journal.intend(ID, "weight/0", "to 5 %")
    assert journal.is_open(ID, "weight/0")
    assert not journal.is_done(ID, "weight/0")
    journal.conclude(ID, "weight/0", "no answer", done=False)
    assert not journal.is_open(ID, "weight/0")
    assert not journal.is_done(ID, "weight/0")
    journal.intend(ID, "weight/0", "to 5 %")
    journal.conclude(ID, "weight/0", "5 %", done=True)
    assert journal.is_done(ID, "weight/0")
    assert not journal.is_done(ID, "weight/1")


def test_an_order_and_what_it_led_to_are_written_together(journal: Journal, path: Path) -> None:
    number = place_order(path, ID, Event.PAUSE, who="bob@box", why="lunch")
    (order,) = journal.orders(ID)
    assert (order.seq, order.event, order.who, order.why) == (number, "pause", "bob@box", "lunch")
    paused = step(STATE, Event.PAUSE, DEFAULT_STAGES)
    journal.change(ID, "pause", paused, who=order.who, text="lunch", order=order.seq)
    assert journal.orders(ID) == []


def test_a_refused_order_is_answered(journal: Journal, path: Path) -> None:
    number = place_order(path, ID, Event.RESUME, who="bob@box")
    journal.refuse(number, "it is shifting")
    assert journal.orders(ID) == []
    with closing(open_database(path, read_only=True)) as database:
        (answer,) = database.execute("SELECT answer FROM orders").fetchone()
    assert answer == "refused: it is shifting"


def test_seconds_and_evidence_are_there_to_go_on_with(journal: Journal, path: Path) -> None:
    journal.second(ID, 0, 1.0, {"split": {"canary": 5}}, histogram=b"counts")
    journal.second(ID, 0, 2.0, {"split": {"canary": 6}})
    journal.second(ID, 1, 1.0, {})
    assert journal.rows(ID, 0) == [(1.0, {"split": {"canary": 5}}), (2.0, {"split": {"canary": 6}})]
    assert journal.last_evidence(ID, "verdict/0/0") is None
    journal.note(ID, "verdict/0/0", "fine", kind=Kind.EVIDENCE, detail={"verdict": "PASS"})
    assert journal.last_evidence(ID, "verdict/0/0") == {"verdict": "PASS"}
    assert [second.t_s for second in read_record(path).seconds] == [1.0, 2.0, 1.0]


def test_each_write_is_told_of_before_and_after_it_is_there(path: Path) -> None:
    seen: list[tuple[str, int]] = []

    def look(what: str) -> None:
        with closing(open_database(path, read_only=True)) as database:
            (n,) = database.execute("SELECT COUNT(*) FROM entries").fetchone()
        seen.append((what, n))

    with closing(Journal(path, on_write=look)) as journal:
        journal.begin(ROLLOUT, STATE)
        journal.intend(ID, "weight/0", "to 5 %")
    assert seen == [
        ("before begin", 0),
        ("after begin", 1),
        ("before intent weight/0", 1),
        ("after intent weight/0", 2),
    ]


def test_a_full_disk_is_tried_again_and_then_named(path: Path) -> None:
    pauses: list[float] = []
    with closing(Journal(path, sleep=pauses.append)) as journal:
        journal.begin(ROLLOUT, STATE)
        _let_no_page_be_added(journal)
        with pytest.raises(JournalError, match=r"cannot be written .* full.*make room"):
            _fill(journal)
        assert pauses == list(PAUSES_S)
    assert read_record(path).state == STATE


def test_a_disk_that_is_emptied_in_time_is_no_problem(path: Path) -> None:
    journal = Journal(path)

    def make_room(_pause_s: float) -> None:
        journal._database.execute("PRAGMA max_page_count = 100000")

    journal._sleep = make_room
    with closing(journal):
        journal.begin(ROLLOUT, STATE)
        _let_no_page_be_added(journal)
        for _ in range(10):
            journal.note(ID, "big", "x" * 4000)
    assert len(read_record(path).entries) == 11


def _fill(journal: Journal) -> None:
    for _ in range(100):
        journal.note(ID, "big", "x" * 4000)


def _let_no_page_be_added(journal: Journal) -> None:
    database: sqlite3.Connection = journal._database
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    database.execute(f"PRAGMA max_page_count = {pages}")


def test_it_can_be_read_while_it_is_written(journal: Journal, path: Path) -> None:
    before = len(read_record(path).entries)
    journal.note(ID, "note", "seen")
    assert len(read_record(path).entries) == before + 1
