"""limits: what no run may exceed, whatever its options say. Pure."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Caps. What a plan asks for beyond them is refused, what users would send is held back.

    Attributes:
        max_rps: most requests begun in any second, by all workers; None: no cap.
        max_connections: most connections at one time, to all targets; None: no cap.
    """

    max_rps: int | None = None
    max_connections: int | None = None

    def problems(self, *, rate_rps: float, connections: int) -> list[str]:
        """What a plan asks for beyond the caps, one sentence each.

        Args:
            rate_rps: the highest rate that it schedules; 0 for a closed loop, whose rate
                is known only when it runs.
            connections: how many it opens.
        """
        problems = []
        if self.max_rps is not None and rate_rps > self.max_rps:
            problems.append(
                f"rate: {rate_rps:.15g} requests/s are above limits.max_rps, {self.max_rps}; "
                "ask for less, or raise the limit where it is set"
            )
        if self.max_connections is not None and connections > self.max_connections:
            problems.append(
                f"connections: {connections} are above limits.max_connections, "
                f"{self.max_connections}; use fewer users or --connections, or raise the limit "
                "where it is set"
            )
        if self.max_rps is not None and self.max_rps < 1:
            problems.append(f"limits.max_rps: {self.max_rps} is out of range; expected 1 or more")
        if self.max_connections is not None and self.max_connections < 1:
            problems.append(
                f"limits.max_connections: {self.max_connections} is out of range; "
                "expected 1 or more"
            )
        return problems
