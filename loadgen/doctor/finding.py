"""What one check of the box found. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Finding", "Level"]


class Level(StrEnum):
    """How much it matters, the best first."""

    OK = "OK"
    WARN = "WARN"
    """The numbers can be true, but something may spoil them."""
    FAIL = "FAIL"
    """A run as asked for cannot be done, or not be trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the doctor's table.

    Attributes:
        level: the verdict.
        what: the name of what was looked at.
        observed: how it is.
        expected: how it should be.
        remedy: what to do about it; "" when OK.
    """

    level: Level
    what: str
    observed: str
    expected: str
    remedy: str = ""

    def __post_init__(self) -> None:
        """A complaint without advice helps nobody, and advice without one confuses."""
        if (self.level is Level.OK) == bool(self.remedy):
            raise ValueError(f"{self.what}: {self.level} with remedy {self.remedy!r}")
