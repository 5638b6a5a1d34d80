"""The tables of a shadow test's reports."""

from __future__ import annotations

import pytest

from loadgen.report.numbers import NOTHING
from rollout.report import shadow_tables as tables
from rollout.shadow.conclusion import conclude
from tests.rollout.shadow.pairs import answer, ledger, pair
from tests.rollout.shadow.samples import COURSE, empty_result, failed_result, noisy_result


def test_the_share_that_differs() -> None:
    """Wilson's interval: (101 + 1.96²/2 ± 1.96 √(101·900/1001 + 1.96²/4)) ÷ (1001 + 1.96²)."""
    assert tables.mismatch(failed_result()) == "10.1 % (8.37 % to 12.1 %)"
    assert tables.mismatch(empty_result()) == NOTHING


def test_differences_have_their_counts() -> None:
    rows = tables.differences(failed_result()).rows
    assert {row[:5] for row in rows} == {
        ("GET /orders/{id}", "json $.items[*].price", "type", "differs", "100 of 1,000"),
        ("GET /orders/{id}", "json $.items[*].mail", "value", "differs", "100 of 1,000"),
        ("GET /users|*", "answer", "missing in the canary", "differs", "1 of 1"),
    }
    assert {row[5:] for row in rows} == {(NOTHING, NOTHING)}


def test_noise_stands_last_and_has_no_examples() -> None:
    found = noisy_result()
    assert [(row[1], *row[3:]) for row in tables.differences(found).rows] == [
        ("json $.name", "differs", "100 of 1,000", "100", "0"),
        ("json $.time", "noise", "500 of 1,000", "250", "250"),
    ]
    assert {row[1] for row in tables.examples(found).rows} == {"json $.name"}


def test_every_request_is_in_a_table() -> None:
    found = failed_result()
    compared = {row[0]: row[1] for row in tables.what_was_compared(found).rows}
    assert (compared["Requests"], compared["Pairs compared"]) == ("1,010", "1,001")
    assert tables.not_compared(found).rows == (("method not mirrored", "9"),)


def test_service_times_are_compared() -> None:
    orders, users = tables.service_times(failed_result()).rows
    assert orders[:2] == ("GET /orders/{id}", "1,000")
    assert float(orders[-1].partition("×")[0]) == pytest.approx(2, rel=0.01)
    assert users[-1] == NOTHING


def test_a_median_of_few_pairs_has_no_interval_and_is_not_shown() -> None:
    """Of five, one in 16 sets lies wholly on one side of the median (2 · 0.5⁵): not 95 %."""
    shown = []
    for pairs in (5, 6):
        book = ledger()
        for _ in range(pairs):
            book.put(pair(answer({}), answer({}, service_ns=2_000_000)))
        [(*_, ratio)] = tables.service_times(conclude(book, COURSE)).rows
        shown.append(ratio)
    assert shown[0] == NOTHING
    assert shown[1].startswith("2.0")
