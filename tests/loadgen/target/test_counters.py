from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import product

import pytest

from loadgen.target import counters
from loadgen.target.counters import METHODS, PATHS, STATUSES, Counters, answer_word, path_of_word


@pytest.fixture
def memory() -> Iterator[Counters]:
    memory = Counters(2)
    yield memory
    memory.close()


def test_every_kind_of_answer_has_a_word_of_its_own(memory: Counters) -> None:
    words = [answer_word(*key) for key in product(PATHS, METHODS, STATUSES)]
    assert len(set(words)) == len(PATHS) * len(METHODS) * len(STATUSES)
    assert min(words) >= counters.FIRST_ANSWER > counters.CONTINUED
    with memory.slot(0) as slot:
        assert max(words) < len(slot)


def test_unlisted_paths_and_methods_are_counted_as_other() -> None:
    assert answer_word("/x", "BREW", 404) == answer_word("other", "other", 404)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # the child only writes words
def test_a_word_tells_its_path() -> None:
    for path in PATHS:
        assert {path_of_word(answer_word(path, method, 404)) for method in METHODS} == {path}


def test_a_slot_is_seen_by_all_and_touches_no_other(memory: Counters) -> None:
    """Each process writes all words of its slot, in a process of its own."""
    for index in range(2):
        pid = os.fork()
        if pid == 0:
            slot = memory.slot(index)
            slot[:] = memoryview(bytes([index + 1, *[0] * 7]) * len(slot)).cast("Q")
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    counts = memory.read()
    assert [set(slot) for slot in counts.totals] == [{1}, {2}]
    assert counts.total(counters.ACCEPTED) == 3


def test_a_reset_leaves_the_totals_and_counts_anew(memory: Counters) -> None:
    with memory.slot(0) as first, memory.slot(1) as second:
        first[counters.ACCEPTED] = 5
        second[counters.ACCEPTED] = 2
        memory.reset(123)
        second[counters.ACCEPTED] += 3
    counts = memory.read()
    assert counts.total(counters.ACCEPTED) == 10
    assert counts.recent(counters.ACCEPTED) == 3
    assert counts.reset_ns == 123
