"""So many requests a second and no more: a token bucket. Pure; time is an argument."""

from __future__ import annotations

from typing import Final

__all__ = ["Quota"]

BURST_S: Final = 0.1
"""What was not used of the last tenth of a second may be used at once."""


class Quota:
    """Admits a rate; starts full.

    Args:
        rate_rps: above 0.
    """

    def __init__(self, rate_rps: float) -> None:
        self._per_ns = rate_rps / 1e9
        self._most = max(1.0, rate_rps * BURST_S)
        self._left = self._most
        self._at_ns: int | None = None

    def admits(self, now_ns: int) -> bool:
        """Whether one more is within the rate; then it counts.

        Args:
            now_ns: never earlier than at the last call.
        """
        if self._at_ns is not None:
            gained = (now_ns - self._at_ns) * self._per_ns
            self._left = min(self._most, self._left + gained)
        self._at_ns = now_ns
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True
