"""Reads a journal, whoever writes it at the same time: rollouts, their entries and seconds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rollout.progressive.database import JournalError, open_database
from rollout.progressive.entry import Entry, Kind, Rollout, entry_of, rollout_of
from rollout.progressive.machine import State

__all__ = ["HeldSecond", "Record", "read_record", "read_rollouts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSecond:
    """One second of a hold.

    Attributes:
        visit: of the state.
        t_s: its end, since the hold began.
        at: ISO 8601, UTC.
        row: what was measured in it.
    """

    visit: int
    t_s: float
    at: str
    row: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """All that is known of a rollout.

    Attributes:
        rollout: which.
        entries: the oldest first.
        seconds: of all holds, in their order.
    """

    rollout: Rollout
    entries: tuple[Entry, ...]
    seconds: tuple[HeldSecond, ...]

    @property
    def state(self) -> State:
        """Where it stands."""
        return next(entry.state for entry in reversed(self.entries) if entry.state is not None)

    @property
    def states(self) -> tuple[Entry, ...]:
        """The entries with a new state."""
        return tuple(entry for entry in self.entries if entry.kind is Kind.STATE)


def read_rollouts(path: Path) -> list[Rollout]:
    """All rollouts of a journal, the oldest first.

    Raises:
        JournalError: it cannot be read.
    """
    with closing(open_database(path, read_only=True)) as database:
        return [rollout_of(row) for row in database.execute("SELECT * FROM rollouts ORDER BY id")]


def read_record(path: Path, rollout: str = "") -> Record:
    """A rollout with everything that stands in the journal about it.

    Args:
        path: of the journal.
        rollout: its id; "" is the newest one.

    Raises:
        JournalError: it cannot be read, or has no such rollout.
    """
    known = read_rollouts(path)
    found = next((each for each in reversed(known) if rollout in {"", each.id}), None)
    if found is None:
        what = f"no rollout {rollout}" if rollout else "no rollout"
        raise JournalError(f"{path}: found {what}, expected one that was begun here")
    with closing(open_database(path, read_only=True)) as database:
        entries = database.execute(
            "SELECT * FROM entries WHERE rollout = ? ORDER BY seq", (found.id,)
        )
        seconds = database.execute(
            "SELECT visit, t_s, at, row FROM seconds WHERE rollout = ? ORDER BY visit, t_s",
            (found.id,),
        )
        return Record(
            rollout=found,
            entries=tuple(entry_of(row) for row in entries),
            seconds=tuple(
                HeldSecond(visit=visit, t_s=t_s, at=at, row=json.loads(row))
                for visit, t_s, at, row in seconds
            ),
        )
