"""One thing in which an answer differs from production's. Raw: not scrubbed yet. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from rollout.shadow.result import Part

if TYPE_CHECKING:
    from loadgen.json_text import Json

__all__ = ["Difference", "Kind", "Steps"]

Steps: TypeAlias = tuple[str | int, ...]
"""A place in JSON, from the root."""


class Kind(StrEnum):
    """How the two sides differ."""

    VALUE = "value"
    TYPE = "type"
    LENGTH = "length"
    """Lists of different lengths."""
    ORDER = "order"
    """The same elements in another order."""
    ELEMENTS = "elements"
    """Unordered lists whose elements differ."""
    MISSING = "missing in the canary"
    EXTRA = "only in the canary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing in which an answer differs from production's.

    Attributes:
        part: of the answer.
        kind: how.
        name: of a header, or an error class.
        steps: the place in JSON.
        production, canary: what stands there; None as well where nothing does.
    """

    part: Part
    kind: Kind
    name: str = ""
    steps: Steps = ()
    production: Json = None
    canary: Json = None
