"""How long one change may take in all, over as many calls as it needs. Pure."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Patience"]


@dataclass(slots=True, kw_only=True)
class Patience:
    """The time limit of one change at a time.

    Attributes:
        limit_s: for each change.
    """

    limit_s: float
    _change: float | None = None
    _began_s: float = 0.0

    def left_s(self, change: float, now_s: float) -> float:
        """What is left of a change's time; another change than before begins anew.

        Args:
            change: the weight in percent that is to be reached.
            now_s: on the monotonic clock.

        Returns:
            Seconds, not below 0.
        """
        if change != self._change:
            self._change, self._began_s = change, now_s
        return max(0.0, self._began_s + self.limit_s - now_s)

    def end(self) -> None:
        """The change is done, or given up: the next one has all the time again."""
        self._change = None
