"""The summary of a shadow test on a terminal."""

from __future__ import annotations

import dataclasses
import io

import pytest
from rich.console import Console

from rollout.report.shadow_terminal import render
from rollout.shadow.conclusion import conclude
from rollout.shadow.result import ShadowResult
from tests.rollout.shadow.pairs import answer, ledger, pair
from tests.rollout.shadow.samples import COURSE, empty_result, failed_result, noisy_result


def shown(result: ShadowResult, width: int = 120) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(render(result))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_verdict_and_what_it_rests_on() -> None:
    text = shown(failed_result())
    assert "Shadow test FAIL  http://canary.example.com beside http://production" in text
    assert "10.1 % of 1,001 pairs differ" in text
    assert "1,010 requests = 1,001 compared + 9 method not mirrored" in text
    assert "what | is this" in text


def test_noise_is_told_as_such() -> None:
    [line] = [line for line in shown(noisy_result()).splitlines() if "$.time  " in line]
    assert "noise" in line


def test_no_pairs_are_no_equality() -> None:
    assert "Nothing differs" not in shown(empty_result())
    assert "INCONCLUSIVE" in shown(empty_result())


@pytest.mark.parametrize("width", [60, 80, 200])
def test_it_fits(width: int) -> None:
    assert max(map(len, shown(failed_result(), width).splitlines())) <= width


def test_one_request_is_no_requests() -> None:
    course = dataclasses.replace(COURSE, seen=1, not_compared={"cannot be read": 1})
    assert "1 request = 0 compared + 1 cannot be read" in shown(conclude(ledger(), course))


def test_many_differences_are_not_all_shown() -> None:
    book = ledger()
    book.put(pair(answer({}), answer({f"field_{index}z": 1 for index in range(15)})))
    text = shown(conclude(book, COURSE))
    assert text.count("only in the canary") == 10 + 3  # rows, and the reasons that are named
    assert "… 5 more in the reports" in text
