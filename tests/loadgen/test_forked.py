"""Forked processes: whom they die with, and how they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest


@pytest.mark.parametrize("parent_is_gone", [False, True])
def test_notices_a_parent_that_was_gone_before_it_could_ask(parent_is_gone: bool) -> None:
    program = (
        "import sys\n"
        "from loadgen.forked import die_with\n"
        "die_with(int(sys.argv[1]))\n"
        "print('alive')\n"
    )
    parent = 1 if parent_is_gone else os.getpid()
    ended = subprocess.run(
        [sys.executable, "-c", program, str(parent)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    expected = (-signal.SIGTERM, "") if parent_is_gone else (0, "alive\n")
    assert (ended.returncode, ended.stdout) == expected


@pytest.mark.parametrize(("body", "code"), [("pass", 0), ("raise ValueError('told')", 1)])
def test_the_exit_code_says_whether_it_ended_well(body: str, code: int) -> None:
    program = (
        "import os\n"
        "from loadgen.forked import serve_in_fork\n"
        "async def serve():\n"
        f"    {body}\n"
        "parent = os.getpid()\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    serve_in_fork(serve, parent=parent)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout == f"{code}\n"
    assert ("ValueError: told" in ended.stderr) == bool(code)
