"""A live shadow test in a process of its own, and what it found."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from loadgen.forked import die_with
from loadgen.interrupts import Interrupts
from rollout.shadow.live.live import run_live
from rollout.shadow.live.settings import LiveSettings
from rollout.shadow.live.watch import Ears, LiveResult
from rollout.shadow.pair import Pair

__all__ = ["Outcome", "Shadow", "running_shadow"]

PATIENCE_S = 30.0


class Outcome(NamedTuple):
    """What a shadow test came to."""

    result: LiveResult
    pairs: list[Pair]


class Shadow:
    """A shadow test that runs.

    Attributes:
        url: to connect to.
        port: of the url.
        process: its parent process.
    """

    def __init__(self, process: subprocess.Popen[str], results: Path) -> None:
        assert process.stdout is not None
        self.process = process
        self.said: list[str] = []
        self._results = results
        self._lines = iter(process.stdout)
        self.url = self.await_line("http://")
        self.port = int(self.url.rpartition(":")[2])

    def await_line(self, beginning: str) -> str:
        """The next line on stdout that begins so."""
        for line in self._lines:
            self.said.append(line.rstrip("\n"))
            if line.startswith(beginning):
                return self.said[-1]
        raise AssertionError(f"it ended without {beginning!r}; it said {self.said}")

    def stop(self) -> Outcome:
        """Asks it to stop, and waits until it has."""
        self.process.send_signal(signal.SIGTERM)
        self.said += [line.rstrip("\n") for line in self._lines]
        assert self.process.wait(PATIENCE_S) == 0
        return Outcome(*pickle.loads(self._results.read_bytes()))


@contextmanager
def running_shadow(
    production: int, canary: int, *, baseline: int | None = None, **options: object
) -> Iterator[Shadow]:
    """Starts a proxy on a free port; the sides are ports, the options `LiveSettings.parse`'s."""
    asked = {
        "listen": "127.0.0.1:0",
        "production_url": f"http://127.0.0.1:{production}",
        "canary_url": f"http://127.0.0.1:{canary}",
        "baseline_url": f"http://127.0.0.1:{baseline}" if baseline else "",
        **options,
    }
    with TemporaryDirectory() as folder:
        results = Path(folder, "results")
        with subprocess.Popen(
            [sys.executable, "-m", __name__, json.dumps(asked), str(results), str(os.getpid())],
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield Shadow(process, results)
            finally:
                process.kill()


class _Keeper:
    """Keeps all pairs; fails when it meets the path /fail."""

    def __init__(self) -> None:
        self.pairs: list[Pair] = []

    def put(self, pair: Pair) -> None:
        if pair.request.target == "/fail":
            raise ValueError("as asked")
        self.pairs.append(pair)


def _main(options: str, results: str, parent: str) -> None:
    die_with(int(parent))
    asked: dict[str, Any] = json.loads(options)
    keeper = _Keeper()
    interrupts = Interrupts()
    with interrupts.on_signals():
        result = run_live(
            LiveSettings.parse(**asked),
            keeper,
            Ears(on_ready=_say, on_note=lambda note: _say(f"note: {note}")),
            interrupts=interrupts,
        )
    Path(results).write_bytes(pickle.dumps((result, keeper.pairs)))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _main(*sys.argv[1:])
