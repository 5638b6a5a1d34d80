"""The file of a journal: its settings, its version, and who may read it."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from rollout.progressive.database import JournalError, journal_path, open_database


def test_a_written_entry_survives_a_loss_of_power(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "a.sqlite")) as database:
        (mode,) = database.execute("PRAGMA journal_mode").fetchone()
        (synchronous,) = database.execute("PRAGMA synchronous").fetchone()
    assert mode == "delete"
    assert synchronous == 3  # EXTRA, by SQLite's documentation


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.sqlite"
    open_database(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_reading_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"a\.sqlite: no rollout of a is here; .*: no rollout;"):
        open_database(tmp_path / "a.sqlite", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_who_looks_for_another_deployment_is_told_which_there_are(tmp_path: Path) -> None:
    for name in ("shop", "cart"):
        open_database(tmp_path / f"{name}.sqlite").close()
    with pytest.raises(JournalError) as caught:
        open_database(tmp_path / "nope.sqlite", read_only=True)
    assert f"no rollout of nope is here; found in {tmp_path}: cart, shop;" in str(caught.value)


def test_a_later_version_is_not_guessed_at(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with closing(open_database(path)) as database:
        database.execute("PRAGMA user_version = 7")
    with pytest.raises(JournalError, match="version 7, expected 1"):
        open_database(path)


def test_something_else_is_no_journal(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    path.write_text("no database, but long enough to be read as one" * 10)
    with pytest.raises(JournalError, match="cannot be opened"):
        open_database(path)


def test_where_it_lies() -> None:
    assert str(journal_path("backend-v2")) == ".loadgen/rollouts/backend-v2.sqlite"


def test_what_a_killed_writer_left_half_written_is_taken_back(tmp_path: Path) -> None:
    """Also by who only reads: `status`, and `resume` before anything else."""
    path = tmp_path / "shop.sqlite"
    open_database(path).close()
    code = (
        "import os, signal, sqlite3, sys; d = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "d.execute('PRAGMA cache_size = 1'); d.execute('BEGIN IMMEDIATE');"
        "[d.execute(\"INSERT INTO rollouts VALUES (?, '', '', '', '', '', ?)\", (n, 'x' * 4000))"
        " for n in range(100)]; os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert path.with_name("shop.sqlite-journal").stat().st_size > 0
    with closing(open_database(path, read_only=True)) as database:
        assert database.execute("SELECT count(*) FROM rollouts").fetchone()[0] == 0
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            database.execute("DELETE FROM rollouts")
