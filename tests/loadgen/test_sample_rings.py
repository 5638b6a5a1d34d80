"""Rings of samples: what a worker leaves is taken once, in order, and losses are counted.

What a worker writes is done by hand here; the engine's own is in tests/loadgen/cli/test_samples.py
and tests/c/test_lg_samples.c, the layout's equality in tests/loadgen/test_arena.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import pytest

from loadgen.sample_rings import RING_HEAD, SAMPLE, SampleRings

CAPACITY = 8
RING = np.dtype([("head", RING_HEAD), ("samples", SAMPLE, (CAPACITY,))])


@pytest.fixture
def rings() -> Iterator[SampleRings]:
    made = SampleRings.create(workers=2, capacity=CAPACITY)
    yield made
    made.close()


def leave(rings: SampleRings, worker: int, *times_ns: int, lost: int = 0) -> None:
    """What lg_samples_add does, while there is room."""
    ring = np.ndarray((), RING, buffer=rings.memory, offset=rings.offset(worker))
    for time_ns in times_ns:
        ring["samples"]["done_ns"][int(ring["head"]["written"]) % CAPACITY] = time_ns
        ring["head"]["written"] += 1
    ring["head"]["lost"] += lost


def taken(rings: SampleRings) -> list[tuple[int, list[int], int]]:
    return [(each.worker, each.rows["done_ns"].tolist(), each.lost) for each in rings.take(0)]


def test_what_was_left_is_taken_once(rings: SampleRings) -> None:
    leave(rings, 1, 11, 12)
    assert taken(rings) == [(1, [11, 12], 0)]
    assert taken(rings) == []


def test_a_ring_goes_round(rings: SampleRings) -> None:
    leave(rings, 0, *range(6))
    assert taken(rings) == [(0, [0, 1, 2, 3, 4, 5], 0)]
    leave(rings, 0, *range(6, 13))
    assert taken(rings) == [(0, [6, 7, 8, 9, 10, 11, 12], 0)]


def test_losses_are_told_once(rings: SampleRings) -> None:
    leave(rings, 0, 1, lost=3)
    assert taken(rings) == [(0, [1], 3)]
    leave(rings, 0, lost=2)
    assert taken(rings) == [(0, [], 2)]
    assert taken(rings) == []


def test_rows_stay_when_the_worker_writes_over_them(rings: SampleRings) -> None:
    leave(rings, 0, *range(CAPACITY))
    (batch,) = rings.take(5)
    leave(rings, 0, *([99] * CAPACITY))
    assert batch.rows["done_ns"].tolist() == list(range(CAPACITY))
    assert batch.origin_ns == 5


def test_another_process_finds_the_same_rings(rings: SampleRings) -> None:
    other = SampleRings.attach(os.dup(rings.fd))
    leave(other, 1, 7)
    assert other.offset(1) == rings.offset(1) == RING.itemsize
    assert taken(rings) == [(1, [7], 0)]
    other.close()
