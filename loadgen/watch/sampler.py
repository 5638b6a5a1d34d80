"""Samples what a run uses, once a second, in a thread that the run does not wait for."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from loadgen.background import Background
from loadgen.measurement import ResourceSecond
from loadgen.watch.process import ProcessSource
from loadgen.watch.usage import NOTHING_SEEN, Usage, WatchError

if TYPE_CHECKING:
    from loadgen.watch.usage import Source

__all__ = ["Sampler"]

FINISH_S = 3.0
"""A reading under way gets this long at the end of a run."""


class Sampler:
    """CPU and memory of the generator and of the target. Used once: begin, tick ..., finish.

    A second whose reading is still under way when the next one ends is left out.

    Args:
        target: who can tell of the target; None watches the generator only.
        warn: called at most once, from a thread of its own, with a sentence.
        now_s: the monotonic clock.
    """

    def __init__(
        self,
        target: Source | None = None,
        *,
        warn: Callable[[str], None] = lambda _: None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._target = target
        self._warn = warn
        self._now_s = now_s
        self._warned = False
        self._generator: Source | None = None
        self._seconds: list[ResourceSecond] = []
        self._background: Background[float] | None = None

    def begin(self, pids: Sequence[int]) -> None:
        """Takes the first reading, with which the next one is compared.

        Args:
            pids: the workers; the process that calls belongs to the generator, too.
        """
        try:
            self._generator = ProcessSource([os.getpid(), *pids], children=False)
        except WatchError:
            self._generator = None  # a worker died at once; the run itself says so
        self._background = Background(self._sample, name="sampler")
        self.tick(0.0)

    def tick(self, t_s: float) -> None:
        """Asks for a reading. Returns at once.

        Args:
            t_s: since the measured time began; what is not after it is read for comparison.
        """
        if self._background is not None:
            self._background.offer(t_s)

    @property
    def seconds(self) -> tuple[ResourceSecond, ...]:
        """Those that were read so far."""
        return tuple(self._seconds)

    def finish(self) -> None:
        """Waits at most FINISH_S for the last reading, and lets go of the sources."""
        if self._background is None or not self._background.finish(within_s=FINISH_S):
            return
        for source in (self._generator, self._target):
            if source is not None:
                source.close()

    def _sample(self, t_s: float) -> None:
        generator, target = self._read(self._generator), self._read(self._target)
        if t_s > 0:
            self._seconds.append(
                ResourceSecond(
                    t_s=t_s,
                    generator_cpu_percent=generator.cpu_percent,
                    generator_memory_bytes=generator.memory_bytes,
                    target_cpu_percent=target.cpu_percent,
                    target_memory_bytes=target.memory_bytes,
                )
            )

    def _read(self, source: Source | None) -> Usage:
        if source is None:
            return NOTHING_SEEN
        try:
            return source.read(self._now_s())
        except WatchError as error:
            if source is self._target and not self._warned:
                self._warned = True
                self._warn(f"watch: {error}; its CPU and memory are missing from here on")
            return NOTHING_SEEN
