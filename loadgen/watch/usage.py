"""CPU and memory at an instant, and who can tell them. Values and one port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from loadgen.errors import LoadgenError

__all__ = ["NOTHING_SEEN", "CpuMeter", "Source", "Usage", "WatchError"]


class WatchError(LoadgenError):
    """What is watched cannot be seen (any more): a sentence for a warning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What something uses.

    Attributes:
        cpu_percent: of one core, since the reading before; None for the first one.
        memory_bytes: resident.
    """

    cpu_percent: float | None
    memory_bytes: int | None


NOTHING_SEEN = Usage(cpu_percent=None, memory_bytes=None)


class Source(Protocol):
    """Somebody who can tell what something uses."""

    def read(self, now_s: float) -> Usage:
        """Reads it; may take a second.

        Args:
            now_s: on the monotonic clock.

        Raises:
            WatchError: says why it cannot be told.
        """

    def close(self) -> None:
        """Lets go of connections."""


@dataclass(slots=True)
class CpuMeter:
    """From CPU seconds that only go up to a percentage between two readings."""

    _before: tuple[float, float] | None = None

    def percent(self, now_s: float, cpu_s: float) -> float | None:
        """The share of one core since the reading before; None without one.

        Args:
            now_s: on the monotonic clock.
            cpu_s: CPU seconds in all.
        """
        before, self._before = self._before, (now_s, cpu_s)
        if before is None or now_s <= before[0]:
            return None
        return max(0.0, 100 * (cpu_s - before[1]) / (now_s - before[0]))
