"""Real processes that use CPU and memory, or end."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from loadgen.watch.process import ProcessSource
from loadgen.watch.usage import WatchError

# Holds 64 MiB, then burns CPU until its own account says that it used 0.3 s, in a child.
BURNER = """
import os, sys, time
held = b"x" * (64 * 2**20)
print("ready", flush=True)
sys.stdin.readline()
if os.fork() == 0:
    while time.process_time() < 0.3:
        pass
    print("burnt", flush=True)
    sys.stdin.readline()
    os._exit(0)
os.wait()
print("ended", flush=True)
sys.stdin.readline()
"""


def test_a_tree_of_processes_with_those_that_ended() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", BURNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as burner:
        assert burner.stdin is not None
        assert burner.stdout is not None

        def go_on() -> str:
            assert burner.stdin is not None
            assert burner.stdout is not None
            burner.stdin.write("\n")
            burner.stdin.flush()
            return burner.stdout.readline()

        assert burner.stdout.readline() == "ready\n"
        source = ProcessSource([burner.pid], children=True)
        alone = ProcessSource([burner.pid], children=False)
        first = source.read(0.0)
        alone.read(0.0)
        assert first.cpu_percent is None
        assert first.memory_bytes is not None
        assert 64 * 2**20 < first.memory_bytes < 200 * 2**20

        assert go_on() == "burnt\n"
        burnt = source.read(1.0)  # the clock is ours: 0.3 s in one second are 30 %
        assert burnt.cpu_percent == pytest.approx(30, abs=8)
        assert burnt.memory_bytes is not None
        assert burnt.memory_bytes > 2 * 64 * 2**20  # what is shared counts in each
        apart = alone.read(1.0).cpu_percent
        assert apart is not None
        assert apart < 10

        assert go_on() == "ended\n"
        ended = source.read(2.0).cpu_percent
        assert ended is not None
        assert ended < 10  # what the child used is neither counted again nor taken back
        go_on()
    with pytest.raises(WatchError, match=f"process {burner.pid}: it has ended"):
        source.read(3.0)


def test_one_process_that_ends_leaves_the_others() -> None:
    with subprocess.Popen(["sleep", "100"]) as sleeper:
        source = ProcessSource([os.getpid(), sleeper.pid], children=False)
        both = source.read(0.0).memory_bytes
        sleeper.kill()
    left = source.read(1.0).memory_bytes
    assert both is not None
    assert left is not None
    assert left > 0
    source.close()


def test_a_process_that_is_not_there() -> None:
    with subprocess.Popen(["true"]) as gone:
        pass
    with pytest.raises(WatchError, match=f"process {gone.pid}: found none"):
        ProcessSource([gone.pid], children=True)
