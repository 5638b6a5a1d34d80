"""A verification that is over, as a terminal shows it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from loadgen.consequence import RollbackOutcome
from rollout.canary.summary import render, what_follows
from slo.policy import OnInconclusive
from tests.loadgen import judged
from tests.rollout.canary.samples import verification

NOT_ROLLED_BACK = RollbackOutcome(
    ordered=False, succeeded=False, attempts=0, seconds=0.0, output=(), text="Not rolled back: no"
)


def shown(width: int = 100, canary: str = "alike", *, load_test: bool = False) -> str:
    console = Console(file=io.StringIO(), width=width)
    given = judged.passed() if load_test else None
    console.print(render(verification(canary, load_test=given)))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_failure_says_which_endpoint_and_how_much() -> None:
    text = shown(canary="slow")
    assert "Canary FAIL" in text
    assert "Most of it comes from /c: p50 30." in text
    assert "/c p50" in text
    assert "no --shadow SOURCE was given" in text


def test_a_pass_shows_what_it_rests_on() -> None:
    text = shown()
    assert "Canary PASS" in text
    assert "Nothing is worse beyond the margin" in text
    assert "The canary may go on." in text


def test_each_step_has_its_section() -> None:
    text = shown(load_test=True)
    places = [text.index(part) for part in ("Load test", "Comparison  http://", "Canary PASS")]
    assert places == sorted(places)
    assert "Calibrating, 25s" in text


@pytest.mark.parametrize("width", [60, 80, 120])
def test_nothing_is_wider_than_the_terminal(width: int) -> None:
    assert max(map(len, shown(width, "slow").splitlines())) <= width


@pytest.mark.parametrize(
    ("on_inconclusive", "expected"),
    [
        (OnInconclusive.PAUSE, "whoever decides"),
        (OnInconclusive.EXTEND, "in the longest time"),
        (OnInconclusive.PROMOTE, "may go on"),
        (OnInconclusive.FAIL, "is rejected"),
    ],
)
def test_what_follows_when_nothing_is_proven(
    on_inconclusive: OnInconclusive, expected: str
) -> None:
    undecided = verification(load_test=judged.undecided(), on_inconclusive=on_inconclusive)
    assert expected in what_follows(undecided)


def test_what_follows_from_the_others() -> None:
    assert "nothing was rolled back" in what_follows(verification("broken"))
    assert "nothing was rolled back" in what_follows(verification("unanswered"))
    told = verification("broken", rollback=NOT_ROLLED_BACK)
    assert what_follows(told) == "Not rolled back: no."
