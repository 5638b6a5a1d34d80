"""Runs a target beside us for as long as it is needed: for tests, `loadgen doctor`, demos."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile

from loadgen.errors import WorkerError

__all__ = ["running_target"]

_GRACE_S = 10.0


@contextmanager
def running_target(
    *,
    listen: str = "127.0.0.1:0",
    processes: int = 1,
    latency: str = "0",
    slow: str = "",
    error_rate: str = "0",
    stall: str = "",
    chunked: bool = False,
    body_size: str = "",
    seed: int = 0,
) -> Iterator[str]:
    """Starts a target in a process of its own and ends it afterwards.

        with running_target(processes=2, latency="lognormal:20ms,0.5") as url:
            ...

    It dies with the thread that started it, even when that is killed. The arguments are the
    options of `loadgen target`, in the same words; the port is a free one.

    Yields:
        Its URL, "http://127.0.0.1:43210"; it answers already.

    Raises:
        WorkerError: it did not start; carries what it said.
    """
    options = {
        "listen": listen,
        "processes": f"{processes}",
        "latency": latency,
        "slow": slow,
        "error_rate": error_rate,
        "stall": stall,
        "chunked": chunked,
        "body_size": body_size,
        "seed": f"{seed}",
    }
    with (
        TemporaryFile("w+") as complaints,  # a pipe that nobody empties would stop a target
        subprocess.Popen(
            [sys.executable, "-m", "loadgen.target", json.dumps(options), str(os.getpid())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            if not url:
                process.wait(_GRACE_S)
                complaints.seek(0)
                raise WorkerError(complaints.read().strip() or "target: it did not start")
            yield url
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
