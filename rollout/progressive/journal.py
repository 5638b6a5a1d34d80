"""The journal of a deployment's rollouts: what was intended, what came of it, what was seen.

One writer. Everything is on the disk before the next action begins, so that after any crash the
last entries say what was done, what was not, and what may have been.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from rollout.progressive.database import JournalError, open_database
from rollout.progressive.entry import Entry, Kind, Rollout, entry_of, now_text, state_text
from rollout.progressive.orders import Order, waiting_orders

if TYPE_CHECKING:
    from rollout.progressive.machine import State

__all__ = ["Detail", "Journal"]

Detail: TypeAlias = "Mapping[str, object]"
"""What JSON can say."""

PAUSES_S = (0.1, 0.3, 1.0, 3.0)
"""Between the tries of a write that fails: a full disk may be emptied."""
_Statement: TypeAlias = "tuple[str, tuple[object, ...]]"


class Journal:
    """The writer of a journal. Not thread safe.

    Args:
        path: of the file; made when needed, with its folder.
        on_write: called right before and right after each write, with what it is; tests end the
            process there.
        sleep: waits between tries.

    Raises:
        JournalError: it cannot be opened.
    """

    def __init__(
        self,
        path: Path,
        *,
        on_write: Callable[[str], None] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.path = path
        self._on_write = on_write or (lambda _what: None)
        self._sleep = sleep
        self._database = open_database(path)

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    def begin(self, rollout: Rollout, state: State) -> None:
        """A new rollout, in its first state."""
        values = (
            *(rollout.id, rollout.deployment, rollout.namespace, json.dumps(rollout.settings)),
            *(rollout.begun_at, rollout.who, rollout.why),
        )
        text = f"Rollout of {rollout.deployment} begun{f': {rollout.why}' if rollout.why else ''}"
        self._write(
            "begin",
            ("INSERT INTO rollouts VALUES (?, ?, ?, ?, ?, ?, ?)", values),
            _added(rollout.id, Kind.STATE, "begin", who=rollout.who, text=text, state=state),
        )

    def change(
        self,
        rollout: str,
        event: str,
        state: State,
        *,
        who: str,
        text: str,
        order: int | None = None,
        detail: Detail | None = None,
    ) -> None:
        """A new state, and the order that led to it: both or neither.

        Args:
            rollout: its id.
            event: what happened.
            state: after it.
            who: ordered it, or "policy".
            text: why, a sentence.
            order: number of the order that is carried out by this.
            detail: evidence.
        """
        statements = [
            _added(rollout, Kind.STATE, event, who=who, text=text, state=state, detail=detail)
        ]
        if order is not None:
            statements.append(_answered(order, f"done: {state.phase}"))
        self._write(f"state {state.phase}", *statements)

    def intend(self, rollout: str, key: str, text: str) -> None:
        """An action that is about to begin.

        Args:
            rollout: its id.
            key: of the action; one and the same action has one key for ever.
            text: what will be done.
        """
        self._write(f"intent {key}", _added(rollout, Kind.INTENT, key, text=text))

    def conclude(
        self, rollout: str, key: str, text: str, *, done: bool, detail: Detail | None = None
    ) -> None:
        """What came of an action that was intended.

        Args:
            rollout: its id.
            key: of the action.
            text: what came of it.
            done: it succeeded; one that did not may be tried again.
            detail: evidence.
        """
        kind = Kind.DONE if done else Kind.NOT_DONE
        self._write(f"outcome {key}", _added(rollout, kind, key, text=text, detail=detail))

    def note(
        self,
        rollout: str,
        key: str,
        text: str,
        *,
        kind: Kind = Kind.NOTE,
        who: str = "",
        detail: Detail | None = None,
    ) -> None:
        """Something that was seen or said, and is no state and no action."""
        self._write(f"{kind} {key}", _added(rollout, kind, key, who=who, text=text, detail=detail))

    def second(
        self, rollout: str, visit: int, t_s: float, row: Detail, histogram: bytes | None = None
    ) -> None:
        """One second of a hold.

        Args:
            rollout: its id.
            visit: of the state.
            t_s: end of the second, since the hold began.
            row: what was measured in it.
            histogram: of its response times.
        """
        values = (rollout, visit, t_s, now_text(), json.dumps(row), histogram)
        self._write("second", ("INSERT OR REPLACE INTO seconds VALUES (?, ?, ?, ?, ?, ?)", values))

    def orders(self, rollout: str) -> list[Order]:
        """What people want and nobody has taken up yet, the oldest first.

        Raises:
            JournalError: they cannot be read.
        """
        try:
            return waiting_orders(self._database, rollout)
        except sqlite3.Error as error:
            raise JournalError(f"{self.path}: the orders cannot be read ({error})") from None

    def refuse(self, order: int, answer: str) -> None:
        """An order that is taken up and not carried out, and why."""
        self._write(f"refusal {order}", _answered(order, f"refused: {answer}"))

    def is_done(self, rollout: str, key: str) -> bool:
        """True when an action has succeeded."""
        return self._last(rollout, key, Kind.DONE) is not None

    def is_open(self, rollout: str, key: str) -> bool:
        """True when an action was begun and its outcome is not known: this process died."""
        last = self._last(rollout, key, Kind.INTENT, Kind.DONE, Kind.NOT_DONE)
        return last is not None and last.kind is Kind.INTENT

    def last_evidence(self, rollout: str, key: str) -> Detail | None:
        """What a judge knew last; None when it knew nothing."""
        last = self._last(rollout, key, Kind.EVIDENCE)
        return last.detail if last else None

    def rows(self, rollout: str, visit: int) -> list[tuple[float, Detail]]:
        """The seconds of a hold so far: the end of each, and what was measured in it."""
        found = self._database.execute(
            "SELECT t_s, row FROM seconds WHERE rollout = ? AND visit = ? ORDER BY t_s",
            (rollout, visit),
        )
        return [(row["t_s"], json.loads(row["row"])) for row in found]

    def _last(self, rollout: str, key: str, *kinds: Kind) -> Entry | None:
        marks = ", ".join("?" * len(kinds))
        found = self._database.execute(
            f"SELECT * FROM entries WHERE rollout = ? AND key = ? AND kind IN ({marks}) "
            "ORDER BY seq DESC LIMIT 1",
            (rollout, key, *kinds),
        ).fetchone()
        return entry_of(found) if found else None

    def _write(self, what: str, *statements: _Statement) -> None:
        """Has all statements on the disk, or none; tries again, within limits, when that fails."""
        self._on_write(f"before {what}")
        for pause_s in (*PAUSES_S, None):
            try:
                self._transact(statements)
                break
            except sqlite3.OperationalError as error:
                if pause_s is None:
                    raise JournalError(
                        f"{self.path}: the journal cannot be written ({what}: {error}); make room "
                        "on the disk, then `loadgen rollout resume` or `abort`"
                    ) from None
                self._sleep(pause_s)
        self._on_write(f"after {what}")

    def _transact(self, statements: tuple[_Statement, ...]) -> None:
        try:
            self._database.execute("BEGIN IMMEDIATE")
            for text, values in statements:
                self._database.execute(text, values)
            self._database.execute("COMMIT")
        except sqlite3.Error:
            if self._database.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    self._database.execute("ROLLBACK")
            raise


def _added(
    rollout: str,
    kind: Kind,
    key: str,
    *,
    text: str,
    who: str = "",
    state: State | None = None,
    detail: Detail | None = None,
) -> _Statement:
    return (
        "INSERT INTO entries (rollout, at, kind, key, who, text, state, detail) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(rollout, now_text(), kind, key, who, text),
            *(state_text(state) if state else None, json.dumps(detail or {})),
        ),
    )


def _answered(order: int, answer: str) -> _Statement:
    return "UPDATE orders SET taken_at = ?, answer = ? WHERE seq = ?", (now_text(), answer, order)
