"""What grew while the load stayed the same; thirds are compared second by second."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

from loadgen.measurement import Measurement, ResourceSecond
from loadgen.report.diagnosis.trend import clues
from tests.loadgen.report.diagnosis.runs import run, seconds, tally

MIB = 2**20


def texts(m: Measurement) -> list[str]:
    return [clue.text for clue in clues(m)]


def latencies(*p95_ms: float | None, **each: Sequence[object]) -> Measurement:
    return run(tally(), timeline=seconds(len(p95_ms), p95_ms=p95_ms, **each))


GROWING = (10.0, 10.0, 11.0, 20.0, 21.0, 22.0, 40.0, 41.0, 40.0)


def test_response_times_that_grow_at_the_same_load() -> None:
    """Medians of the thirds: 10, 21 and 40 ms."""
    [clue] = clues(latencies(*GROWING))
    assert clue.text == (
        "Response times grew while the load stayed at 100 users: the median of the seconds' P95 "
        "is 10.0 ms in the first third of the run and 40.0 ms in the last: check what fills up "
        "(memory, disk, tables, pools of connections), and run longer."
    )
    assert clue.weight == pytest.approx(1.75)


@pytest.mark.parametrize(
    "m",
    [
        latencies(*GROWING[:8]),  # too short
        latencies(10.0, 10.0, 10.0, 12.0, 12.0, 12.0, 14.0, 14.0, 14.0),  # too little
        latencies(10.0, 10.0, 10.0, 90.0, 90.0, 90.0, 40.0, 40.0, 40.0),  # a bump, no growth
        latencies(None, None, None, 20.0, 20.0, 20.0, 40.0, 40.0, 40.0),  # from nothing
        latencies(10.0, 10.0, 10.0, None, None, None, 40.0, 40.0, 40.0),
        latencies(10.0, 10.0, 10.0, 20.0, 20.0, 20.0, None, None, None),
        latencies(*GROWING, users=[10, 20, 30, 40, 50, 60, 70, 80, 90]),  # so did the load
        latencies(*GROWING, users=[0] * 9),  # no load to compare
    ],
)
def test_no_growth(m: Measurement) -> None:
    assert texts(m) == []


PACED: dict[str, object] = {"open_loop": True, "planned_requests": 9_000.0}


def test_a_queue_that_grows_in_an_open_loop() -> None:
    timeline = seconds(9, p95_ms=GROWING, in_flight=[10, 10, 10, 40, 50, 60, 80, 90, 100])
    [text] = texts(run(tally(), timeline=timeline, evidence=PACED))
    assert text == (
        "Response times grew while the load stayed at 1,000 req/sec: the median of the seconds' "
        "P95 is 10.0 ms in the first third of the run and 40.0 ms in the last, with 10 and 90 "
        "requests in flight: a queue grows, as more is offered than the target can take."
    )


def test_growth_without_a_queue_in_an_open_loop() -> None:
    timeline = seconds(9, p95_ms=GROWING, in_flight=[10] * 9)
    [text] = texts(run(tally(), timeline=timeline, evidence=PACED))
    assert "check what fills up" in text


def watched(*target: tuple[float | None, int | None]) -> Measurement:
    resources = tuple(
        ResourceSecond(
            t_s=float(index),
            generator_cpu_percent=50.0,
            generator_memory_bytes=50 * MIB,
            target_cpu_percent=cpu_percent,
            target_memory_bytes=memory_bytes,
        )
        for index, (cpu_percent, memory_bytes) in enumerate(target, start=1)
    )
    return dataclasses.replace(run(tally()), resources=resources)


def test_what_the_target_used() -> None:
    assert texts(watched((100.0, None), (None, None), (200.0, None))) == [
        "The target used 150.0 % of a core on average, and 200.0 % in its busiest second."
    ]


def memory(*mib: int | None) -> list[str]:
    return texts(watched(*((None, None if each is None else each * MIB) for each in mib)))


def test_memory_that_grows() -> None:
    assert memory(100, 100, 100, 110, 120, 130, 140, 150, 160) == [
        "The target's memory grew from 100.0 MiB in the first third of the run to 150.0 MiB in the "
        "last: run longer to see whether that ends."
    ]


@pytest.mark.parametrize(
    "mib",
    [
        (100, 100, 100, 110, 110, 110, 119, 119, 119),  # less than a fifth
        (10, 10, 10, 15, 15, 15, 20, 20, 20),  # less than 16 MiB
        (100, 100, 100, 110, 120, 130, 140, 150),  # too short
        (100, 100, 100, None, 120, 130, 140, 150, 160),  # not seen often enough
    ],
)
def test_memory_that_does_not_grow(mib: tuple[int | None, ...]) -> None:
    assert memory(*mib) == []
