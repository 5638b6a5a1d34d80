"""loadgen.counters: sums over workers and endpoints, names for what has one."""

from __future__ import annotations

import pytest

from loadgen.counters import errors_of, failed_codes_of, failures_by_name, status_codes_of, summed
from tests.loadgen.written_arena import count, untouched_arena


def test_sums_go_over_workers_and_endpoints() -> None:
    with untouched_arena() as arena:
        count(arena, 0, 0, sent=1, timeout=2, http_200=3)
        count(arena, 1, 1, sent=10, timeout=20, http_200=30, http_500=40)
        stats = arena.slots["endpoints"]
        assert summed(stats["sent"]) == 11
        assert errors_of(stats) == {"timeout": 22}
        assert status_codes_of(stats) == {200: 33, 500: 40}
        assert status_codes_of(stats[:, 0]) == {200: 3}


@pytest.mark.parametrize(("fails_from", "failed"), [(400, {404: 2}), (300, {302: 1, 404: 2})])
def test_each_endpoint_says_from_which_status_on_an_answer_fails(
    fails_from: int, failed: dict[int, int]
) -> None:
    with untouched_arena() as arena:
        arena.slots["endpoints"]["fails_from"][:, 1] = fails_from
        count(arena, 0, 1, http_200=1, http_302=1, http_404=2)
        assert failed_codes_of(arena.slots["endpoints"]) == failed


def test_failures_are_by_class_and_by_status() -> None:
    assert failures_by_name({"reset": 1}, {503: 2}) == {"reset": 1, "http_503": 2}
