"""What a result says of how it came to be."""

from __future__ import annotations

from rollout.shadow.conclusion import conclude
from slo.canary import CanaryVerdict
from tests.rollout.shadow.pairs import REFUSED, answer, ledger, pair
from tests.rollout.shadow.samples import COURSE, empty_result, failed_result, noisy_result


def test_every_request_is_accounted_for() -> None:
    found = failed_result()
    assert found.not_compared == {"method not mirrored": 9}
    assert found.seen == found.pairs + sum(found.not_compared.values())


def test_what_production_did_not_answer_is_not_compared() -> None:
    book = ledger()
    book.put(pair(answer(), answer()))
    book.put(pair(REFUSED, answer()))
    assert conclude(book, COURSE).not_compared["no answer from production"] == 1


def test_a_second_baseline_is_asked_for_once_there_are_pairs() -> None:
    assert "--baseline-url" in failed_result().notes[-1]
    assert noisy_result().notes == ()
    assert empty_result().notes == ()


def test_what_is_accepted_decides() -> None:
    book = ledger()
    for number in range(1_000):
        book.put(pair(answer(1), answer(1 if number else 2)))
    assert conclude(book, COURSE).verdict is CanaryVerdict.PASS
    assert conclude(book, COURSE, max_mismatch_ratio=1e-4).verdict is not CanaryVerdict.PASS
