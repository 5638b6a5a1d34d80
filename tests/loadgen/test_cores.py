"""How many workers, and where."""

from __future__ import annotations

import pytest

from loadgen.cores import pinning, worker_count
from loadgen.limits import Limits
from loadgen.plan import Pattern, Plan


@pytest.mark.parametrize(
    ("why", "plan", "cores", "local", "expected"),
    [
        ("one per core", Plan(), 8, False, 8),
        ("the target here needs one, too", Plan(), 8, True, 7),
        ("at least one", Plan(), 1, True, 1),
        ("as told", Plan(workers=3), 8, True, 3),
        ("no more than users", Plan(concurrency=2), 8, False, 2),
        ("no more than requests a second", Plan(limits=Limits(max_rps=2)), 8, False, 2),
        ("no more than connections", Plan(pattern=Pattern.RATE, connections=3), 8, False, 3),
    ],
)
def test_worker_count(why: str, plan: Plan, cores: int, local: bool, expected: int) -> None:
    assert worker_count(plan, allowed_cores=cores, target_is_local=local) == expected, why


@pytest.mark.parametrize(
    ("why", "plan", "workers", "allowed", "expected"),
    [
        ("the last cores first", Plan(), 2, [0, 1, 2, 3], (3, 2)),
        ("only the allowed ones", Plan(), 2, {5, 1, 9}, (9, 5)),
        ("more workers than cores", Plan(), 3, [0, 1], (None, None, None)),
        ("not wanted", Plan(pin=False), 2, [0, 1], (None, None)),
    ],
)
def test_pinning(
    why: str, plan: Plan, workers: int, allowed: list[int], expected: tuple[int | None, ...]
) -> None:
    assert pinning(plan, workers=workers, allowed=allowed) == expected, why
