"""One rollout at a time; a dead owner's lock is nobody's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rollout.progressive.lock import (
    LockedError,
    LockFileError,
    Owner,
    is_alive,
    living_owner,
    take_lock,
    this_process,
)

HOLD = """
import sys, pathlib, signal
from rollout.progressive.lock import take_lock, this_process
lock = take_lock(pathlib.Path(sys.argv[1]), this_process("ann@box"))
print("held", flush=True)
signal.pause()
"""


def test_the_second_is_told_who_has_it(tmp_path: Path) -> None:
    path = tmp_path / "shop.lock"
    assert living_owner(path) is None
    first = take_lock(path, this_process("ann@box"))
    assert living_owner(path) == this_process("ann@box")
    with pytest.raises(LockedError, match=f"held by process {os.getpid()} of ann@box"):
        take_lock(path, this_process("bob@box"))
    first.release()
    assert living_owner(path) is None
    again = take_lock(path, this_process("bob@box"))
    assert again.before is None
    again.release()
    again.release()


def test_a_lock_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LockFileError, match=r"file/shop\.lock: the lock .*File exists"):
        take_lock(tmp_path / "file" / "shop.lock", this_process("ann@box"))
    full = tmp_path / "full.lock"
    full.symlink_to("/dev/full")
    with pytest.raises(LockFileError, match="expected a folder that is writable and has room"):
        take_lock(full, this_process("ann@box"))


def test_a_dead_owner_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "shop.lock"
    owner = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    assert owner.stdout.readline() == "held\n"
    with pytest.raises(LockedError, match=f"process {owner.pid} of ann@box"):
        take_lock(path, this_process("bob@box"))
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    assert living_owner(path) is None
    lock = take_lock(path, this_process("bob@box"))
    assert lock.before is not None
    assert (lock.before.pid, lock.before.who) == (owner.pid, "ann@box")
    assert not is_alive(lock.before)
    lock.release()


def test_a_later_process_with_the_same_number_is_another() -> None:
    me = this_process("ann@box")
    assert is_alive(me)
    assert not is_alive(
        Owner(pid=me.pid, started_ticks=me.started_ticks - 1, boot_id=me.boot_id, who="")
    )
    assert not is_alive(
        Owner(pid=me.pid, started_ticks=me.started_ticks, boot_id="another life", who="")
    )


def test_a_damaged_file_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "shop.lock"
    path.write_text("{")
    lock = take_lock(path, this_process("ann@box"))
    assert lock.before is None
    lock.release()
