"""The lock of a deployment: one rollout at a time, and a dead owner holds nobody up.

The kernel gives an owner's lock (flock) back when it dies, however it dies. What stands in the
file tells people who has it, and the next owner whom it took over from.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from loadgen.errors import LoadgenError

__all__ = [
    "Lock",
    "LockFileError",
    "LockedError",
    "Owner",
    "is_alive",
    "living_owner",
    "take_lock",
    "this_process",
]

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_START_TIME = 21
"""Field of /proc/PID/stat, counted after the name: ticks since boot at which it started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A process that cannot be mistaken for a later one with the same number.

    Attributes:
        pid: of it.
        started_ticks: when it started, in the kernel's ticks since boot.
        boot_id: of the machine's current life.
        who: its user, for people.
    """

    pid: int
    started_ticks: int
    boot_id: str
    who: str


class LockFileError(LoadgenError):
    """The lock's file cannot be made or written: which, and why."""


class LockedError(LoadgenError):
    """Another process drives this deployment's rollout."""


class Lock:
    """A lock that is held; `release` gives it back.

    Attributes:
        before: the owner that did not give it back, because it died; None without one.
    """

    def __init__(self, descriptor: int, before: Owner | None) -> None:
        self._descriptor = descriptor
        self.before = before

    def release(self) -> None:
        """Gives the lock back; a second call does nothing."""
        if self._descriptor >= 0:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1


def take_lock(path: Path, owner: Owner) -> Lock:
    """Takes the lock, or says who has it.

    Args:
        path: of the lock's file; it and its folder are made when needed.
        owner: this process.

    Raises:
        LockedError: somebody else has it.
        LockFileError: the file cannot be made or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _file_error(path, error) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        found = _read(descriptor)
        os.close(descriptor)
        who = f"process {found.pid} of {found.who}" if found else "another process"
        raise LockedError(
            f"{path}: found the lock held by {who}, expected no other rollout of this "
            "deployment; see `loadgen rollout status`, or give it an order: pause, promote, abort"
        ) from None
    before = _read(descriptor)
    text = json.dumps(asdict(owner)).encode()
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text, 0)
    except OSError as error:
        os.close(descriptor)
        raise _file_error(path, error) from None
    return Lock(descriptor, before)


def living_owner(path: Path) -> Owner | None:
    """Who holds the lock; None when nobody does. Takes nothing.

    Args:
        path: of the lock's file; it need not be there.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        owner = _read(descriptor)
    finally:
        os.close(descriptor)
    return owner if owner and is_alive(owner) else None


def is_alive(owner: Owner) -> bool:
    """True when exactly this process still runs on this machine."""
    return owner.boot_id == _boot_id() and _started_ticks(owner.pid) == owner.started_ticks


def this_process(who: str) -> Owner:
    """The owner that this process is.

    Args:
        who: its user, for people.
    """
    pid = os.getpid()
    return Owner(pid=pid, started_ticks=_started_ticks(pid) or 0, boot_id=_boot_id(), who=who)


def _file_error(path: Path, error: OSError) -> LockFileError:
    return LockFileError(
        f"{path}: the lock cannot be written ({error.strerror}), and nothing was done; expected a "
        "folder that is writable and has room, here or where --journal says"
    )


def _read(descriptor: int) -> Owner | None:
    """The owner in a lock's file; None when there is none that can be read."""
    with contextlib.suppress(ValueError, TypeError):
        return Owner(**json.loads(os.pread(descriptor, 4096, 0)))
    return None


def _boot_id() -> str:
    return _BOOT_ID.read_text().strip()


def _started_ticks(pid: int) -> int | None:
    """When a process started; None when there is none, or it is dead and not yet buried."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[_START_TIME - 2])
