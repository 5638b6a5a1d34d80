from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import pytest

from loadgen.errors import WorkerError
from loadgen.target import running_target
from tests.loadgen.target.client import get


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


def test_the_module_it_starts_takes_its_options_as_json() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "loadgen.target", json.dumps({"processes": "0"}), str(os.getpid())],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr == "--processes: found '0', expected a whole number from 1 to 256\n"
