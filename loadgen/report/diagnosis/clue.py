"""One thing that a run points to, as a value. Pure."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Clue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clue:
    """A sentence that the run's own numbers support.

    Attributes:
        weight: 1 and more: something is wrong, and by how much; 0..1: what explains most of
            the time when nothing is.
        text: one sentence with its figures and a full stop; it may name the next step.
    """

    weight: float
    text: str
