"""Worker processes that die in every way are named."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from loadgen import processes
from loadgen.address import Address
from loadgen.arena import Arena
from loadgen.plan import Plan
from loadgen.processes import WorkerProcess
from loadgen.wire import engine_plan
from loadgen.worker import WorkerTask


def _start(arena: Arena, *, coordinator: int) -> WorkerProcess:
    addresses = ((Address(host="127.0.0.1", port=9),),)
    plan = engine_plan(Plan(concurrency=1), addresses, worker=0, workers=1)
    task = WorkerTask(arena_fd=arena.fd, slot=0, cpu=None, coordinator=coordinator, plan=plan)
    return processes.start([task])[0]


def test_a_worker_runs_until_it_is_let_go() -> None:
    with Arena.create(workers=1, endpoints=1) as arena:
        worker = _start(arena, coordinator=os.getpid())
        assert worker.running
        assert worker.death() is None
        arena.control["stop"] = 1
        worker.end()
        assert worker.process.returncode == 0
        assert worker.death() is None


def test_a_worker_inherits_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH_TOKEN", "s3cr3t")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    with Arena.create(workers=1, endpoints=1) as arena:
        worker = _start(arena, coordinator=os.getpid())
        # Until exec the child's environment is still ours.
        while b"loadgen.worker" not in Path(f"/proc/{worker.pid}/cmdline").read_bytes():
            assert worker.running
        environ = Path(f"/proc/{worker.pid}/environ").read_bytes()
        arena.control["stop"] = 1
        worker.end()
    assert b"s3cr3t" not in environ
    assert b"LC_ALL=C.UTF-8" in environ


def test_a_killed_worker_is_named_with_its_signal() -> None:
    with Arena.create(workers=1, endpoints=1) as arena:
        worker = _start(arena, coordinator=os.getpid())
        os.kill(worker.pid, signal.SIGKILL)
        worker.process.wait()
        assert worker.death() == (
            f"worker 0 (pid {worker.pid}) was killed by SIGKILL "
            "(out of memory? see the kernel's log)"
        )
        worker.end()


def test_what_a_worker_said_last_is_told() -> None:
    with Arena.create(workers=1, endpoints=1) as arena:
        worker = _start(arena, coordinator=1)
        worker.process.wait()
        assert worker.death() == (
            f"worker 0 (pid {worker.pid}) ended with code 1: loadgen: the coordinator is gone"
        )
        worker.end()


def test_an_arena_of_another_version_ends_the_worker_with_a_reason() -> None:
    with Arena.create(workers=1, endpoints=1) as arena:
        arena.control["version"] = 99
        worker = _start(arena, coordinator=os.getpid())
        worker.process.wait()
        death = worker.death()
        assert death is not None
        assert "layout version is 99" in death
        worker.end()
