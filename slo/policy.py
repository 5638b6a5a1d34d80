"""What a canary verification is to find, how seldom it may be wrong, and what follows. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from slo.compare import Margin

__all__ = ["Fallback", "OnFailure", "OnInconclusive", "Policy"]


class OnInconclusive(StrEnum):
    """What follows when nothing is proven either way.

    EXTEND: the comparison goes on, up to its longest duration. PAUSE: nothing follows, and the
    exit code says so. PROMOTE: taken for a pass. FAIL: taken for a failure.
    """

    EXTEND = "extend"
    PAUSE = "pause"
    PROMOTE = "promote"
    FAIL = "fail"


class Fallback(StrEnum):
    """What follows when it cannot go on for reasons that are no verdict."""

    PAUSE = "pause"
    ROLLBACK = "rollback"


class OnFailure(StrEnum):
    """What follows when something is proven to be wrong.

    ROLLBACK: it is taken back. PAUSE: it stays where it is until a person decides. CONTINUE: it
    is told, and counts for nothing.
    """

    ROLLBACK = "rollback"
    PAUSE = "pause"
    CONTINUE = "continue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a verification is to find.

    Attributes:
        alpha: the chance that a canary which is no worse fails, 0..1; of the whole verification.
        margin: what is still the same.
        ratio: how many times slower a canary must be for it to matter: PASS says that this
            would have been found.
        error_points: likewise how many percentage points more errors.

    Raises:
        ValueError: when one is out of range.
    """

    alpha: float = 0.01
    margin: Margin = field(default_factory=Margin)
    ratio: float = 1.5
    error_points: float = 1.0

    def __post_init__(self) -> None:
        """Checks the ranges."""
        if not 0 < self.alpha < 1:
            raise ValueError(f"alpha {self.alpha:g} is out of range; expected more than 0, below 1")
        if not 1 + self.margin.ratio < self.ratio < math.inf:
            raise ValueError(
                f"ratio {self.ratio:g} is out of range; "
                f"expected more than the margin, {1 + self.margin.ratio:g}"
            )
        if not self.margin.error_points < self.error_points <= 100:
            raise ValueError(
                f"error_points {self.error_points:g} is out of range; "
                f"expected more than the margin, {self.margin.error_points:g}, to 100"
            )
