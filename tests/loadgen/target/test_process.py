"""The processes: what they draw, whom they die with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import psutil

from loadgen.target import running_target
from tests.loadgen.target.client import Client, await_refusal

GET = b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n"


def _statuses(seed: int) -> list[int]:
    with running_target(error_rate="50%", seed=seed) as url, Client(url) as client:
        client.send(GET * 60)
        return [client.answer().status for _ in range(60)]


def test_the_seed_decides_the_errors() -> None:
    first = _statuses(5)
    assert set(first) == {200, 500}
    assert _statuses(5) == first
    assert _statuses(6) != first


def test_ends_with_its_target_when_that_is_killed() -> None:
    others = set(psutil.Process().children())  # servers of other tests
    with running_target(processes=2) as url:
        (target,) = set(psutil.Process().children()) - others
        children = target.children()
        assert len(children) == 2
        target.kill()
        await_refusal(url)
        _, alive = psutil.wait_procs(children, timeout=20)
        # Where nobody reaps orphans they stay behind as zombies.
        assert all(child.status() == psutil.STATUS_ZOMBIE for child in alive)


def test_a_target_does_not_outlive_a_killed_caller() -> None:
    program = (
        "import time\n"
        "from loadgen.target import running_target\n"
        "with running_target(processes=2) as url:\n"
        "    print(url, flush=True)\n"
        "    time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as caller:
        assert caller.stdout is not None
        url = caller.stdout.readline().strip()
        os.kill(caller.pid, signal.SIGKILL)
    await_refusal(url)
