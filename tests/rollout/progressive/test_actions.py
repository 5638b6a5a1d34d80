"""Actions are journalled, tried again within limits, and not done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rollout.progressive.actions import BACKOFFS_S, Actions
from rollout.progressive.crew import Crew
from rollout.progressive.entry import Rollout
from rollout.progressive.journal import Journal
from rollout.progressive.machine import Phase, State
from rollout.proof import ProofOptions
from rollout.routers.router import RouterError, UnderWayError
from tests.rollout.progressive.rehearsal import FileRouter

STATE = State(phase=Phase.SHIFTING, stage=0, visit=0, weight_percent=5)
ROLLOUT = Rollout(id="r", deployment="shop", namespace="", settings={}, begun_at="", who="a test")


class Failing(FileRouter):
    """Takes a weight at the third try."""

    tries = 0
    lasting = False

    def set(self, weight_percent: float) -> None:
        self.tries += 1
        if self.lasting or self.tries < 3:
            raise RouterError("the file: no answer", lasting=self.lasting)
        super().set(weight_percent)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with closing(Journal(tmp_path / "a.sqlite")) as journal:
        journal.begin(ROLLOUT, STATE)
        yield journal


def _actions(journal: Journal, router: FileRouter) -> Actions:
    crew = Crew(router=router, proof=ProofOptions(), judges=())
    return Actions(journal, ROLLOUT, crew)


def _at_once(_is_done: Callable[[], bool]) -> bool:
    return True


def test_a_weight_is_set_once(journal: Journal, tmp_path: Path) -> None:
    router = FileRouter(tmp_path)
    for _ in range(2):
        assert _actions(journal, router).set_weight(STATE, _at_once) == ""
    assert router.log.read_text() == "weight 5\n"


def test_a_weight_that_may_have_been_set_is_looked_at(journal: Journal, tmp_path: Path) -> None:
    router = FileRouter(tmp_path)
    journal.intend(ROLLOUT.id, "weight/0", "to 5 %")
    router.weight_file.write_text("5")
    assert _actions(journal, router).set_weight(STATE, _at_once) == ""
    assert not router.log.exists()
    assert journal.is_done(ROLLOUT.id, "weight/0")


def test_a_router_that_does_not_answer_is_tried_again(journal: Journal, tmp_path: Path) -> None:
    router = Failing(tmp_path)
    assert _actions(journal, router).set_weight(STATE, _at_once) == ""
    assert (router.tries, router.get()) == (3, 5)


def test_it_is_tried_so_often_and_no_more(journal: Journal, tmp_path: Path) -> None:
    router = Failing(tmp_path)
    router.tries = -1000
    assert _actions(journal, router).set_weight(STATE, _at_once) == "the file: no answer"
    assert router.tries == -1000 + len(BACKOFFS_S) + 1
    assert not journal.is_done(ROLLOUT.id, "weight/0")


def test_what_takes_its_time_is_gone_on_with_and_orders_are_looked_at(
    journal: Journal, tmp_path: Path
) -> None:
    """It is no failure, so it is not counted as one; and each time an order may lead elsewhere."""

    class Slow(FileRouter):
        calls = 0

        def set(self, weight_percent: float) -> None:
            self.calls += 1
            if self.calls <= 20:
                raise UnderWayError("1 of 4 pods are ready")
            super().set(weight_percent)

    router = Slow(tmp_path)
    assert _actions(journal, router).set_weight(STATE, lambda _is_done: router.calls < 7) == ""
    assert (router.calls, router.get()) == (7, 0)
    assert not journal.is_done(ROLLOUT.id, "weight/0")
    assert _actions(journal, router).set_weight(STATE, _at_once) == ""
    assert (router.calls, router.get()) == (21, 5)


def test_what_will_not_help_is_not_tried_again(journal: Journal, tmp_path: Path) -> None:
    router = Failing(tmp_path)
    router.lasting = True
    assert _actions(journal, router).set_weight(STATE, _at_once) == "the file: no answer"
    assert router.tries == 1


def test_a_split_that_cannot_be_measured_is_a_problem(journal: Journal, tmp_path: Path) -> None:
    class Uncounted(FileRouter):
        def verify(self) -> None:  # type: ignore[override]  # as the Protocol has it
            return None

    problem = _actions(journal, Uncounted(tmp_path)).prove(STATE, lambda: False)
    assert problem.startswith("the split cannot be measured: the file counts no requests")
