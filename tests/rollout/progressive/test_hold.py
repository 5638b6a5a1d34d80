"""Holding a stage: how long, how it is gone on with, and when it ends early."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from rollout.progressive.crew import Crew
from rollout.progressive.entry import Rollout
from rollout.progressive.hold import Hold
from rollout.progressive.journal import Journal
from rollout.progressive.judge import Judge, Row
from rollout.progressive.machine import Event, Phase, State
from rollout.progressive.policy import RolloutPolicy
from rollout.progressive.stage import Stage
from rollout.proof import ProofOptions
from slo.canary import CanaryVerdict
from tests.rollout.progressive.rehearsal import FileRouter, Script

ID = "20260101T000000Z-000001"
STAGE = Stage(name="5%", percentage=5, duration_s=0.05)
STATE = State(phase=Phase.HOLDING, stage=0, visit=3, weight_percent=5)


class Listening(Script):
    """Remembers with what it was begun."""

    begun: tuple[float, Sequence[Row]] = (0.0, ())

    def begin(self, stage: Stage, duration_s: float, rows: Sequence[Row]) -> None:
        super().begin(stage, duration_s, rows)
        self.begun = (duration_s, rows)


class Loading(Listening):
    """Would send load."""

    starts_over = True


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with closing(Journal(tmp_path / "a.sqlite")) as journal:
        journal.begin(
            Rollout(id=ID, deployment="shop", namespace="", settings={}, begun_at="", who="a test"),
            STATE,
        )
        yield journal


def _wait(is_done: Callable[[], bool]) -> bool:
    while not is_done():
        pass
    return True


def _hold(journal: Journal, *judges: Judge, state: State = STATE) -> Hold:
    crew = Crew(router=FileRouter(journal.path.parent), proof=ProofOptions(), judges=judges)
    return Hold(journal, ID, state=state, stage=STAGE, policy=RolloutPolicy(), crew=crew)


def test_it_ends_with_the_verdict_and_the_judges_stopped(journal: Journal) -> None:
    judge = Script({})
    decision = _hold(journal, judge).run(_wait)
    assert decision is not None
    assert (decision.event, decision.verdict) == (Event.PASSED, CanaryVerdict.PASS)
    assert judge.stopped == 1
    assert [t_s for t_s, _ in journal.rows(ID, STATE.visit)] == [0.05]


def test_a_verdict_that_was_given_before_a_crash_stands(journal: Journal) -> None:
    first = _hold(journal, Script({})).run(_wait)
    judge = Listening({"5%": CanaryVerdict.FAIL})
    assert _hold(journal, judge).run(_wait) == first
    assert judge.begun == (0.0, ())


def test_the_rest_of_a_hold_is_held(journal: Journal) -> None:
    journal.second(ID, STATE.visit, 0.03, {"script": {"n": 7}, "split": {"n": 8}})
    judge = Listening({})
    _hold(journal, judge).run(_wait)
    left_s, rows = judge.begun
    assert left_s == pytest.approx(0.02)
    assert rows == [{"n": 7}]


def test_a_hold_under_load_begins_again(journal: Journal) -> None:
    journal.second(ID, STATE.visit, 0.03, {"script": {"n": 7}})
    judge = Loading({})
    _hold(journal, judge).run(_wait)
    assert judge.begun == (0.05, [])


def test_a_fail_ends_it_at_once(journal: Journal) -> None:
    decision = _hold(journal, Script({"5%": CanaryVerdict.FAIL})).run(_wait)
    assert decision is not None
    assert decision.event is Event.FAILED


def test_an_order_leads_elsewhere_and_nothing_is_decided(journal: Journal) -> None:
    judge = Script({})
    assert _hold(journal, judge).run(lambda _is_done: False) is None
    assert judge.stopped == 1
    assert journal.last_evidence(ID, "verdict/3/0") is None


def test_an_extension_is_held_after_what_was_held(journal: Journal) -> None:
    journal.second(ID, STATE.visit, 0.05, {})
    extended = State(phase=Phase.HOLDING, stage=0, visit=3, weight_percent=5, extensions=1)
    _hold(journal, Script({}), state=extended).run(_wait)
    assert [t_s for t_s, _ in journal.rows(ID, STATE.visit)] == [0.05, 0.1]
