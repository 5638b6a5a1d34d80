"""The seconds of a comparison put together, so that a long one makes no larger page. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rollout.report.found import Found

__all__ = ["Span", "spans_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Some seconds in a row, of one phase.

    Attributes:
        t_s: its end; negative while calibrating.
        length_s: how many seconds.
        rows: of the result file.
        last: index of its last second among those of the comparison; None while calibrating.
    """

    t_s: float
    length_s: int
    rows: Sequence[Found]
    last: int | None

    def total(self, side: str, name: str) -> int:
        """A count of all its seconds."""
        return sum(row[side][name] for row in self.rows)

    def worst(self, side: str, name: str) -> float | None:
        """The largest of its seconds' values."""
        values = [row[side][name] for row in self.rows]
        return max((value for value in values if value is not None), default=None)

    def failed_percent(self, side: str) -> float | None:
        """Failed of finished requests."""
        finished = self.total(side, "finished")
        return 100 * self.total(side, "failed") / finished if finished else None


def spans_of(rows: Sequence[Found], most: int) -> list[Span]:
    """Puts as many seconds together as are needed for about so many spans.

    Args:
        rows: of a comparison, those of the calibration first.
        most: spans; a phase that ends in the middle of one makes one more.
    """
    calibrating = [row for row in rows if row["phase"] == "calibrating"]
    comparing = rows[len(calibrating) :]
    begin_s = calibrating[-1]["t_s"] if calibrating else 0.0
    step = max(1, math.ceil(len(rows) / most))
    spans = []
    for phase, shift_s in ((calibrating, begin_s), (comparing, 0.0)):
        for start in range(0, len(phase), step):
            part = phase[start : start + step]
            last = start + len(part) - 1 if phase is comparing else None
            t_s = part[-1]["t_s"] - shift_s
            spans.append(Span(t_s=t_s, length_s=len(part), rows=part, last=last))
    return spans
