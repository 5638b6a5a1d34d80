"""What happens in a rollout, told at once to whoever shows it. Values without behaviour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rollout.progressive.judge import Opinion
from rollout.progressive.machine import State

__all__ = ["Changed", "Did", "Looked", "News"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A new state.

    Attributes:
        event: what led to it.
        state: the new one.
        who: ordered it, or "policy".
        text: why, a sentence.
        verdict: on the stage that it ends; "" when it ends none.
        key: one and the same change has one key for ever.
        seconds_to_safe: of a rollback that this ends; None when it was not proven.
    """

    event: str
    state: State
    who: str
    text: str
    key: str
    verdict: str = ""
    seconds_to_safe: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """An action, before (succeeded is None) or after it."""

    key: str
    text: str
    succeeded: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A second of a hold.

    Attributes:
        state: of the rollout.
        held_s: so far.
        duration_s: of the hold, as planned.
        opinions: of all judges.
        row: what they measured in this second.
    """

    state: State
    held_s: float
    duration_s: float
    opinions: Sequence[Opinion]
    row: Mapping[str, object]


News: TypeAlias = Changed | Did | Looked
