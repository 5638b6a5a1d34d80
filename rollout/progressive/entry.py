"""What stands in a journal: a rollout, and its entries. Values; they know their rows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from rollout.progressive.machine import Phase, State

__all__ = ["Entry", "Kind", "Rollout", "entry_of", "now_text", "rollout_of", "state_text"]


class Kind(StrEnum):
    """What an entry tells."""

    STATE = "state"
    """A new state, and the event that led to it."""
    INTENT = "intent"
    """An action is about to begin."""
    DONE = "done"
    NOT_DONE = "not done"
    """An action was tried, and did not succeed."""
    EVIDENCE = "evidence"
    """What a judge knows, to go on with."""
    NOTE = "note"
    """Seen or said; nothing follows from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """One rollout of a deployment.

    Attributes:
        id: unique, sorts by time.
        settings: what it was begun with, as JSON has it.
        begun_at: ISO 8601, UTC.
        who: began it.
        why: what they gave as the reason; "" when nothing.
    """

    id: str
    deployment: str
    namespace: str
    settings: Mapping[str, object]
    begun_at: str
    who: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry.

    Attributes:
        seq: counts up over all rollouts of the journal.
        at: ISO 8601, UTC, milliseconds.
        key: of the action, or the name of the event.
        who: ordered it; "" when nobody did.
        text: a sentence.
        state: the new one; None when the entry is about something else.
        detail: evidence.
    """

    seq: int
    rollout: str
    at: str
    kind: Kind
    key: str
    who: str
    text: str
    state: State | None = None
    detail: Mapping[str, object] = field(default_factory=dict)


def now_text() -> str:
    """The wall clock, for people: durations are measured by the monotonic one."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def state_text(state: State) -> str:
    """A state as it stands in a row."""
    return json.dumps(asdict(state))


def entry_of(row: sqlite3.Row) -> Entry:
    """An entry by its row."""
    state = json.loads(row["state"]) if row["state"] else None
    return Entry(
        seq=row["seq"],
        rollout=row["rollout"],
        at=row["at"],
        kind=Kind(row["kind"]),
        key=row["key"],
        who=row["who"],
        text=row["text"],
        state=State(**{**state, "phase": Phase(state["phase"])}) if state else None,
        detail=json.loads(row["detail"]),
    )


def rollout_of(row: sqlite3.Row) -> Rollout:
    """A rollout by its row."""
    return Rollout(**{**dict(row), "settings": json.loads(row["settings"])})
