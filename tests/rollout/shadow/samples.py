"""Results of shadow tests for the tests of what is made of them."""

from __future__ import annotations

from datetime import UTC, datetime

from rollout.shadow.conclusion import Course, conclude
from rollout.shadow.result import ShadowResult, Sides
from tests.rollout.shadow.pairs import REFUSED, answer, ledger, pair

__all__ = ["COURSE", "empty_result", "failed_result", "noisy_result"]

COURSE = Course(
    source="access.log",
    sides=Sides(
        production="http://production.example.com",
        canary="http://canary.example.com",
        baseline="http://baseline.example.com",
    ),
    started_at=datetime(2026, 11, 25, 10, 30, tzinfo=UTC),
    duration_s=61.5,
    seen=1_010,
    not_compared={"method not mirrored": 9, "too late": 0},
    unreadable=("what | is this",),
)


def failed_result() -> ShadowResult:
    """Without a second baseline: prices that differ, a header, one refused connection."""
    book = ledger()
    before = {"items": [{"price": 1.5, "mail": "ada@example.com"}]}
    after = {"items": [{"price": "1.5", "mail": "eve@example.com"}]}
    for number in range(1_000):
        canary = answer(after if number % 10 == 0 else before, service_ns=2_000_000)
        book.put(pair(answer(before), canary, target=f"/orders/{number}?token=abc"))
    book.put(pair(answer({}), REFUSED, target="/users|*"))
    return conclude(book, COURSE)


def noisy_result() -> ShadowResult:
    """With a second baseline: a time that differs half of the time, a name in 100 pairs."""
    book = ledger()
    for number in range(1_000):
        name = "Eve" if number < 100 else "Ada"
        book.put(
            pair(
                answer({"name": "Ada", "time": number}),
                answer({"name": name, "time": number + number % 2}),
                answer({"name": "Ada", "time": number + number // 2 % 2}),
            )
        )
    return conclude(book, COURSE)


def empty_result() -> ShadowResult:
    """No pair at all."""
    return conclude(ledger(), COURSE)
