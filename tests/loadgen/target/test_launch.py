from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys

import pytest

from loadgen.errors import WorkerError
from loadgen.target import running_target
from tests.loadgen.target.client import await_refusal, get


def test_answers_inside_and_is_gone_afterwards() -> None:
    with running_target(processes=2) as url:
        assert get(url, "/api/health").status == 200
    with pytest.raises(ConnectionRefusedError):
        get(url, "/api/health")


def test_carries_what_the_target_said_when_it_does_not_start() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        with (
            pytest.raises(WorkerError, match="is in use by another program"),
            running_target(listen=listen),
        ):
            pytest.fail("two programs listen on one port")


def test_a_killed_caller_leaves_nothing_behind() -> None:
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
        assert get(url, "/").status == 200
        os.kill(caller.pid, signal.SIGKILL)
        caller.wait(20)
    await_refusal(url)
