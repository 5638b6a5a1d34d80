"""From counts to a verdict: noise is not the canary's doing, and too little is no pass."""

from __future__ import annotations

import random

import pytest

from rollout.shadow.judgement import Judgement, judge
from rollout.shadow.ledger import Ledger
from rollout.shadow.pair import Exchange
from rollout.shadow.result import Finding
from slo.canary import CanaryVerdict
from tests.rollout.shadow.pairs import REFUSED, answer, ledger, pair


def filled(pairs: int, mismatched: int, *, baseline: bool = False) -> Ledger:
    """So many pairs, of which so many differ in one field."""
    book = ledger()
    for number in range(pairs):
        canary = answer({"name": "Eve" if number < mismatched else "Ada"})
        twin = answer({"name": "Ada"}) if baseline else None
        book.put(pair(answer({"name": "Ada"}), canary, twin))
    return book


@pytest.mark.parametrize(
    ("pairs", "mismatched", "expected"),
    [
        (0, 0, CanaryVerdict.INCONCLUSIVE),
        (380, 0, CanaryVerdict.INCONCLUSIVE),
        (381, 0, CanaryVerdict.PASS),  # 1.96^2 / (381 + 1.96^2) is just below 1 %
        (1_000, 3, CanaryVerdict.PASS),
        (1_000, 10, CanaryVerdict.INCONCLUSIVE),
        (1_000, 30, CanaryVerdict.FAIL),
        (2, 2, CanaryVerdict.FAIL),
    ],
)
@pytest.mark.parametrize("baseline", [False, True])
def test_verdicts(pairs: int, mismatched: int, expected: CanaryVerdict, baseline: bool) -> None:
    if baseline and pairs < 1_000 and mismatched:
        expected = CanaryVerdict.INCONCLUSIVE  # 2^-2 is a chance that noise has
    found = judge(filled(pairs, mismatched, baseline=baseline))
    assert found.verdict is expected, found.reasons
    assert found.pairs == pairs
    assert found.mismatched + found.unproven == mismatched


def test_a_failure_names_the_place() -> None:
    assert judge(filled(1_000, 30)).reasons == (
        "3 % of 1,000 pairs differ (2.11 % to 4.25 % with 95% confidence); 1 % is accepted.",
        "GET /users/{id}: json $.name differs (value) in 30 of 1,000 pairs.",
    )


def noisy(pairs: int, worse: int, seed: int) -> Judgement:
    """A time that differs in half of the pairs on every side, and a name in so many."""
    draw = random.Random(seed)  # noqa: S311, RUF100 - no secret

    def time() -> int:
        return draw.randrange(2)

    book = ledger()
    for number in range(pairs):
        name = "Eve" if number < worse else "Ada"
        book.put(
            pair(
                answer({"name": "Ada", "time": time()}),
                answer({"name": name, "time": time()}),
                answer({"name": "Ada", "time": time()}),
            )
        )
    return judge(book)


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_cancelled_by_a_second_baseline(seed: int) -> None:
    calm = noisy(600, 0, seed)
    assert calm.verdict is CanaryVerdict.PASS, calm.reasons
    assert [field.finding for field in calm.endpoints[0].fields] == [Finding.NOISE]
    worse = noisy(600, 40, seed)
    assert worse.verdict is CanaryVerdict.FAIL
    assert worse.mismatched == 40
    by_name = {field.field: field for field in worse.endpoints[0].fields}
    assert by_name["$.name"].finding is Finding.DIFFERS
    assert by_name["$.time"].finding is Finding.NOISE


def shop(seed: int, worse: int) -> Judgement:
    """600 pairs of five endpoints with noise of every kind: usual, rare, in bursts, of statuses."""
    draw = random.Random(seed)  # noqa: S311, RUF100 - no secret

    def product(name: str) -> Exchange:
        tags = [draw.randrange(3) for _ in range(4)]
        burst = {"extra": 1} if draw.random() < 0.1 else {}
        rare = draw.random() < 0.01
        body = {"name": name, "order": draw.randrange(2), "tags": tags, "rare": rare, **burst}
        return answer(body, status=500 if draw.random() < 0.02 else 200)

    book = ledger()
    for number in range(600):
        canary = product("Eve" if number < worse else "Ada")
        target = f"/page-{number % 5}z/{number}"
        book.put(pair(product("Ada"), canary, product("Ada"), target=target))
    return judge(book)


def test_a_canary_that_is_no_worse_does_not_fail_however_noisy_all_are() -> None:
    verdicts = [shop(seed, 0).verdict for seed in range(5)]
    assert CanaryVerdict.FAIL not in verdicts
    assert verdicts.count(CanaryVerdict.PASS) >= 2  # of 60 other seeds 45 passed


def test_a_name_that_differs_in_a_tenth_of_all_pairs_is_found_through_all_that_noise() -> None:
    found = [shop(seed, 60) for seed in range(100, 104)]
    assert sum(each.verdict is CanaryVerdict.FAIL for each in found) >= 3  # of 60 others 56 did
    named = [reason for each in found for reason in each.reasons if "$.name" in reason]
    assert named


def test_what_is_as_rare_at_the_baseline_does_not_keep_a_canary_from_passing() -> None:
    book = ledger()
    for number in range(2_000):
        odd, usual = answer({f"odd_{number}z": 1}), answer({})
        canary, baseline = (odd, usual) if number % 50 == 0 else (usual, usual)
        if number % 50 == 1:
            canary, baseline = usual, odd
        book.put(pair(usual, canary, baseline))
    found = judge(book)
    assert (found.verdict, found.unproven) == (CanaryVerdict.PASS, 40)
    assert "40 more differ too seldom to tell them from noise, and 40 of the" in found.reasons[0]


def test_without_a_second_baseline_noise_is_a_mismatch() -> None:
    book = ledger()
    for number in range(600):
        book.put(pair(answer({"time": number}), answer({"time": -1 - number})))
    assert judge(book).verdict is CanaryVerdict.FAIL


def test_what_is_too_seldom_to_tell_keeps_it_from_passing() -> None:
    found = judge(filled(600, 6, baseline=True))
    assert found.verdict is CanaryVerdict.INCONCLUSIVE
    assert (found.mismatched, found.unproven) == (0, 6)
    assert "6 more differ too seldom to tell them from noise" in found.reasons[0]


def test_few_that_cannot_be_told_from_noise_are_told_all_the_same() -> None:
    found = judge(filled(1_000, 3, baseline=True))
    assert found.verdict is CanaryVerdict.PASS
    assert "3 more differ too seldom" in found.reasons[0]


def test_production_that_does_not_answer_says_nothing_of_the_canary() -> None:
    book = filled(5, 5)
    for _ in range(6):
        book.put(pair(REFUSED, answer()))
    assert judge(book).verdict is CanaryVerdict.INVALID


def test_a_second_baseline_that_is_down_is_none() -> None:
    book = ledger()
    for _ in range(100):
        book.put(pair(answer({"name": "Ada"}), answer({"name": "Eve"}), REFUSED))
    found = judge(book)
    assert found.verdict is CanaryVerdict.INVALID
    assert "is it an instance of the production version?" in found.reasons[0]


def test_more_may_be_accepted() -> None:
    assert judge(filled(1_000, 30), 0.05).verdict is CanaryVerdict.PASS
