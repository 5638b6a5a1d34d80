from __future__ import annotations

from collections.abc import Mapping

from loadgen.target import counters
from loadgen.target.counters import Counters, Counts, answer_word
from loadgen.target.stall import Stall
from loadgen.target.stats import describe

S = 1_000_000_000


def _counts(words: Mapping[int, int], *, reset_ns: int = 0, before: int = 0) -> Counts:
    """One process's counts; `before` of each word happened before the reset."""
    memory = Counters(1)
    slot = memory.slot(0)
    for word, n in words.items():
        slot[word] = n
    length = len(slot)
    slot.release()
    memory.close()
    since = tuple(words.get(word, 0) for word in range(length))
    total = tuple(n + before if n else 0 for n in since)
    return Counts(totals=(total,), since_reset=(since,), reset_ns=reset_ns)


def test_received_is_answered_and_abandoned_and_unanswered() -> None:
    counts = _counts(
        {
            answer_word("/api/users", "GET", 200): 7,
            answer_word("/api/users", "POST", 500): 2,
            answer_word("/x", "GET", 404): 1,
            counters.QUEUED: 9,
            counters.RELEASED: 5,
            counters.ABANDONED: 3,
            counters.BAD_REQUESTS: 4,
        }
    )
    said = describe(counts, started_ns=S, now_ns=3 * S, stall=None)
    assert said["requests"] == {
        "received": 17,
        "answered": 10,
        "abandoned": 3,
        "unanswered": 4,
        "bad": 4,
    }
    assert said["by_path"] == {"/api/users": 9, "other": 1}
    assert said["by_method"] == {"GET": 8, "POST": 2}
    assert said["by_status"] == {"200": 7, "500": 2, "404": 1}
    assert said["answered_by_process"] == [10]
    assert said["seconds"] == 2.0


def test_what_asks_the_target_itself_is_left_out() -> None:
    counts = _counts(
        {
            counters.ACCEPTED: 9,
            counters.CLOSED: 6,
            counters.CONTROL_ACCEPTED: 4,
            counters.CONTROL_CLOSED: 3,
            counters.CONTROL: 4,
        }
    )
    said = describe(counts, started_ns=0, now_ns=S, stall=None)
    assert said["connections"] == {"accepted": 5, "open": 2}
    assert said["answers"] == []


def test_after_a_reset_open_and_unanswered_are_still_those_of_now() -> None:
    counts = _counts({counters.ACCEPTED: 1, counters.QUEUED: 1}, reset_ns=5 * S, before=2)
    said = describe(counts, started_ns=0, now_ns=7 * S, stall=None)
    assert said["connections"] == {"accepted": 1, "open": 3}
    assert said["requests"] == {
        "received": 3,
        "answered": 0,
        "abandoned": 0,
        "unanswered": 3,
        "bad": 0,
    }
    assert said["seconds"] == 2.0


def test_stalls_are_counted_since_the_reset() -> None:
    stall = Stall(every_ns=10 * S, for_ns=S)
    begun = [
        describe(_counts({}, reset_ns=reset_ns), started_ns=100 * S, now_ns=now_ns, stall=stall)
        for reset_ns, now_ns in ((0, 130 * S), (115 * S, 130 * S), (115 * S, 118 * S))
    ]
    assert [said["stalls"] for said in begun] == [3, 2, 0]
