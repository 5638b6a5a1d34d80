"""The file of a journal: its tables, and the settings that make it survive a loss of power."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from loadgen.errors import LoadgenError

__all__ = ["FOLDER", "JournalError", "journal_path", "open_database"]

FOLDER = Path(".loadgen/rollouts")
VERSION = 1
BUSY_S = 5.0
"""How long a writer waits for another; each write takes milliseconds."""
_TABLES = """
CREATE TABLE rollouts (
    id TEXT PRIMARY KEY, deployment TEXT NOT NULL, namespace TEXT NOT NULL,
    settings TEXT NOT NULL, begun_at TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL
);
CREATE TABLE entries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, rollout TEXT NOT NULL, at TEXT NOT NULL,
    kind TEXT NOT NULL, key TEXT NOT NULL, who TEXT NOT NULL, text TEXT NOT NULL,
    state TEXT, detail TEXT NOT NULL
);
CREATE INDEX entries_by_key ON entries (rollout, key);
CREATE TABLE seconds (
    rollout TEXT NOT NULL, visit INTEGER NOT NULL, t_s REAL NOT NULL, at TEXT NOT NULL,
    row TEXT NOT NULL, histogram BLOB, PRIMARY KEY (rollout, visit, t_s)
);
CREATE TABLE orders (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, rollout TEXT NOT NULL, at TEXT NOT NULL,
    event TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL, taken_at TEXT, answer TEXT
);
"""


class JournalError(LoadgenError):
    """The journal cannot be read or written: which file, why."""


def journal_path(deployment: str) -> Path:
    """Where the journal of a deployment lies when nobody says otherwise."""
    return FOLDER / f"{deployment}.sqlite"


def open_database(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Opens a journal's file.

    Args:
        path: of the file; made when needed, with its folder, readable by its owner only.
        read_only: nothing is written, and the file must be there.

    Raises:
        JournalError: it cannot be opened, or is no journal of this version.
    """
    if read_only and not path.exists():
        raise JournalError(_nothing_here(path))
    try:
        if not read_only:
            _make_if_missing(path)
        database = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=BUSY_S,
            isolation_level=None,
        )
        database.row_factory = sqlite3.Row
        if read_only:
            # Not mode=ro: what a killed writer left half-written must be taken back to be read.
            database.execute("PRAGMA query_only = ON")
        else:
            _make_safe(database)
        version = database.execute("PRAGMA user_version").fetchone()[0]
    except (OSError, sqlite3.Error) as error:
        raise JournalError(
            f"{path}: the journal cannot be opened ({error}); expected the file of a rollout that "
            "was begun here, or another one by --journal"
        ) from None
    if version != VERSION:
        database.close()
        raise JournalError(
            f"{path}: found a journal of version {version}, expected {VERSION}; give another file "
            "by --journal"
        )
    return database


def _nothing_here(path: Path) -> str:
    """What to say of a journal that is not there: where it was looked for, and what is there."""
    known = ", ".join(sorted(each.stem for each in path.parent.glob("*.sqlite")))
    return (
        f"{path}: no rollout of {path.stem} is here; found in {path.parent.absolute()}: "
        f"{known or 'no rollout'}; go to where it was begun, or name its file by --journal"
    )


def _make_if_missing(path: Path) -> None:
    """Makes the file beside its place and links it there: nobody ever sees half of one."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.touch(mode=0o600)
    try:
        with contextlib.closing(sqlite3.connect(new, isolation_level=None)) as database:
            _make_safe(database)
            database.executescript(
                f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {VERSION}; COMMIT;"
            )
        with contextlib.suppress(FileExistsError):
            os.link(new, path)
    finally:
        new.unlink()


def _make_safe(database: sqlite3.Connection) -> None:
    # DELETE and EXTRA: when COMMIT returns, the entry survives a loss of power, and so does the
    # removal of the rollback journal that makes it valid.
    database.execute("PRAGMA journal_mode = DELETE")
    database.execute("PRAGMA synchronous = EXTRA")
