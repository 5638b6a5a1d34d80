"""Orders of people: rows that any process writes, and that the one who drives carries out."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rollout.progressive.database import JournalError, open_database
from rollout.progressive.entry import now_text
from rollout.progressive.machine import Event

__all__ = ["Order", "await_answer", "place_order", "waiting_orders"]

LOOK_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody wants.

    Attributes:
        seq: its number.
        event: what is to happen.
        who: ordered it.
        why: the reason that they gave; "" for none.
    """

    seq: int
    event: Event
    who: str
    why: str


def place_order(path: Path, rollout: str, event: Event, *, who: str, why: str = "") -> int:
    """Writes an order.

    Args:
        path: of the journal, which must be there.
        rollout: id of the rollout that is meant.
        event: what is to happen.
        who: orders it.
        why: the reason.

    Returns:
        Its number.

    Raises:
        JournalError: it cannot be written.
    """
    with closing(open_database(path)) as database:
        try:
            cursor = database.execute(
                "INSERT INTO orders (rollout, at, event, who, why) VALUES (?, ?, ?, ?, ?)",
                (rollout, now_text(), event, who, why),
            )
        except sqlite3.Error as error:
            raise JournalError(f"{path}: the order {event} cannot be written ({error})") from None
        return int(cursor.lastrowid or 0)


def waiting_orders(database: sqlite3.Connection, rollout: str) -> list[Order]:
    """The orders that nobody has taken up, the oldest first."""
    found = database.execute(
        "SELECT * FROM orders WHERE rollout = ? AND taken_at IS NULL ORDER BY seq", (rollout,)
    )
    return [
        Order(seq=row["seq"], event=Event(row["event"]), who=row["who"], why=row["why"])
        for row in found
    ]


def await_answer(
    path: Path,
    order: int,
    *,
    within_s: float,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Waits until an order is taken up.

    Args:
        path: of the journal.
        order: its number.
        within_s: the longest wait.
        sleep: waits between looks.

    Returns:
        What was answered; "" when nobody took it up.
    """
    with closing(open_database(path, read_only=True)) as database:
        for _ in range(max(1, round(within_s / LOOK_S))):
            row = database.execute("SELECT answer FROM orders WHERE seq = ?", (order,)).fetchone()
            if row and row["answer"]:
                return str(row["answer"])
            sleep(LOOK_S)
    return ""
