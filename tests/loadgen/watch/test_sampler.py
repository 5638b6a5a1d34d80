"""Samples of the generator and the target, when all goes well and when not."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from loadgen.watch.sampler import Sampler
from loadgen.watch.usage import Usage, WatchError


@dataclass(slots=True)
class Target:
    """A source that says what a test wants, and remembers what was asked of it."""

    say: Callable[[float], Usage]
    asked_s: list[float] = field(default_factory=list)
    asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    closed: bool = False

    def read(self, now_s: float) -> Usage:
        self.asked_s.append(now_s)
        try:
            return self.say(now_s)
        finally:
            self.asked.release()

    def close(self) -> None:
        self.closed = True


def sampled(target: Target, seconds: int) -> tuple[Sampler, list[str]]:
    """A run of some seconds, each read before the next one ends."""
    warnings: list[str] = []
    sampler = Sampler(target, warn=warnings.append, now_s=iter(range(100)).__next__)
    sampler.begin([])
    assert target.asked.acquire(timeout=10)
    for t_s in range(1, seconds + 1):
        sampler.tick(float(t_s))
        assert target.asked.acquire(timeout=10)
    sampler.finish()
    return sampler, warnings


def test_a_row_a_second_and_none_for_the_first_reading() -> None:
    target = Target(lambda now_s: Usage(cpu_percent=now_s, memory_bytes=7))
    sampler, warnings = sampled(target, 3)
    assert [row.t_s for row in sampler.seconds] == [1.0, 2.0, 3.0]
    assert [row.target_cpu_percent for row in sampler.seconds] == target.asked_s[1:]
    assert {row.target_memory_bytes for row in sampler.seconds} == {7}
    assert all(row.generator_cpu_percent is not None for row in sampler.seconds)
    assert target.closed
    assert warnings == []


def test_a_target_that_cannot_be_seen_is_warned_of_once() -> None:
    def fail(_: float) -> Usage:
        raise WatchError("container shop: there is none")

    sampler, warnings = sampled(Target(fail), 3)
    assert warnings == [
        "watch: container shop: there is none; its CPU and memory are missing from here on"
    ]
    assert [row.target_cpu_percent for row in sampler.seconds] == [None] * 3
    assert all(row.generator_memory_bytes for row in sampler.seconds)


def test_seconds_that_end_while_one_is_read_are_left_out() -> None:
    go_on = threading.Event()

    def slow(_: float) -> Usage:
        assert go_on.wait(10)
        return Usage(cpu_percent=1.0, memory_bytes=1)

    sampler = Sampler(Target(slow))
    sampler.begin([os.getpid()])
    for t_s in (1.0, 2.0, 3.0):
        sampler.tick(t_s)
    go_on.set()
    sampler.finish()
    assert [row.t_s for row in sampler.seconds][-1] == 3.0
    assert len(sampler.seconds) < 3


def test_a_sampler_that_never_began_has_nothing_to_say() -> None:
    sampler = Sampler()
    sampler.tick(1.0)
    sampler.finish()
    assert sampler.seconds == ()
