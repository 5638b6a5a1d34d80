"""The seconds of a run: when they end, and what happened in each. Pure."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from loadgen import snapshot
from loadgen.progress import Progress, RunPhase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loadgen.measurement import Second
    from loadgen.plan import Plan
    from loadgen.snapshot import Snapshot

__all__ = ["Timeline", "Timing"]

NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The instants of a run, on the monotonic clock.

    Attributes:
        start_ns: the load begins. measure_ns: the warm-up is over. end_ns: nothing new is sent.
    """

    start_ns: int
    measure_ns: int
    end_ns: int

    @classmethod
    def planned(cls, plan: Plan, start_ns: int) -> Timing:
        """The instants of a plan that begins at start_ns."""
        return cls(
            start_ns=start_ns,
            measure_ns=start_ns + round(plan.warmup_s * NS_PER_S),
            end_ns=start_ns + round(plan.total_s * NS_PER_S),
        )

    def ended(self, end_ns: int) -> Timing:
        """The same run, ended before its time."""
        return replace(self, end_ns=end_ns, measure_ns=min(self.measure_ns, end_ns))

    @property
    def measured_s(self) -> float:
        """Length of the measured time."""
        return (self.end_ns - self.measure_ns) / NS_PER_S

    def boundaries_ns(self) -> Iterator[int]:
        """The ends of all seconds but the last: first of the warm-up, then of the measured time."""
        warmup_ns = self.measure_ns - self.start_ns
        for k in range(1, math.ceil(warmup_ns / NS_PER_S)):
            yield self.start_ns + k * NS_PER_S
        if warmup_ns:
            yield self.measure_ns
        for k in range(1, math.ceil((self.end_ns - self.measure_ns) / NS_PER_S)):
            yield self.measure_ns + k * NS_PER_S


@dataclass(slots=True, kw_only=True)
class Timeline:
    """Collects the seconds of a run from the snapshots at their ends.

    Attributes:
        first: the snapshot before the load began.
        opening: the snapshot at the beginning of the measured time.
    """

    plan: Plan
    timing: Timing
    first: Snapshot
    opening: Snapshot = field(init=False)
    _latest: Snapshot = field(init=False)
    _closing: Snapshot = field(init=False)
    _seconds: list[Second] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Nothing has happened yet."""
        self.opening = self.first
        self._latest = self.first
        self._closing = self.first

    def add(self, now: Snapshot, boundary_ns: int) -> Progress:
        """Takes the snapshot at the end of a second.

        Args:
            now: taken at the boundary.
            boundary_ns: where it belongs, on the monotonic clock.
        """
        before, self._latest = self._latest, now
        measured_s = (boundary_ns - self.timing.measure_ns) / NS_PER_S
        if measured_s <= 0:
            elapsed_s = (boundary_ns - self.timing.start_ns) / NS_PER_S
            second = snapshot.warmup_second(before, now, t_s=elapsed_s)
            self.opening = now
            phase = RunPhase.WARM_UP
        else:
            second = snapshot.second(
                self._measured_so_far(before),
                now,
                t_s=measured_s,
                cpu_percent=snapshot.worker_cpu_percent(before, now),
            )
            self._seconds.append(second)
            phase = RunPhase.MEASURING
        return self._progress(before, now, phase, second, boundary_ns)

    def draining(self, now: Snapshot) -> Progress:
        """What is known when nothing new is sent any more."""
        self._closing = now
        last = self._seconds[-1] if self._seconds else None
        return self._progress(self._latest, now, RunPhase.DRAINING, last, self.timing.end_ns)

    def finish(self, final: Snapshot) -> tuple[Second, ...]:
        """All seconds of the measured time.

        The last one has the answers that were awaited after the end, too, so that the
        seconds add up to the run; its CPU time and gauges are those at the end, as far as
        workers that have ended still count their users.
        """
        if self.timing.measured_s <= 0:
            return ()
        before = self._measured_so_far(self._latest)
        last = snapshot.second(
            before,
            final,
            t_s=self.timing.measured_s,
            cpu_percent=snapshot.worker_cpu_percent(self._latest, self._closing),
        )
        last = replace(
            last,
            users=max(self._latest.users, self._closing.users),
            in_flight=self._closing.in_flight,
        )
        return (*self._seconds, last)

    def ended_at(self, now: Snapshot, boundary_ns: int) -> Timeline:
        """The same timeline, had the run ended at a boundary that was not added yet.

        Args:
            now: taken at the boundary; what to `finish` with.
            boundary_ns: where it belongs, on the monotonic clock.
        """
        ended = copy.copy(self)
        ended.timing = self.timing.ended(boundary_ns)
        ended._closing = now
        return ended

    def _measured_so_far(self, before: Snapshot) -> Snapshot:
        """Where the next measured second begins.

        The first one begins at zero: the snapshot at the end of the warm-up was taken a
        moment later and has seen requests of this second already.
        """
        return before if self._seconds else self.first

    def _progress(
        self,
        before: Snapshot,
        now: Snapshot,
        phase: RunPhase,
        second: Second | None,
        at_ns: int,
    ) -> Progress:
        elapsed_s = (at_ns - self.timing.start_ns) / NS_PER_S
        return snapshot.progress(
            before,
            now,
            phase=phase,
            elapsed_s=elapsed_s,
            total_s=self.plan.total_s,
            second=second,
            offered_rps=self.plan.schedule.level(elapsed_s) if self.plan.open_loop else None,
        )
