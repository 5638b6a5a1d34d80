"""What no run may exceed."""

from __future__ import annotations

import pytest

from loadgen.limits import Limits


@pytest.mark.parametrize(
    ("limits", "rate_rps", "connections", "named"),
    [
        (Limits(), 1e9, 1_000_000, []),
        (Limits(max_rps=10), 10, 1, []),
        (Limits(max_rps=10), 10.5, 1, ["rate"]),
        (Limits(max_connections=10), 0, 10, []),
        (Limits(max_connections=10), 0, 11, ["connections"]),
        (Limits(max_rps=1, max_connections=1), 2, 2, ["rate", "connections"]),
        (Limits(max_rps=0), 0, 1, ["limits.max_rps"]),
        (Limits(max_connections=0), 0, 0, ["limits.max_connections"]),
    ],
)
def test_what_is_asked_for_beyond_the_caps(
    limits: Limits, rate_rps: float, connections: int, named: list[str]
) -> None:
    problems = limits.problems(rate_rps=rate_rps, connections=connections)
    assert [problem.partition(":")[0] for problem in problems] == named
