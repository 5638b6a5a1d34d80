"""loadgen itself, by its command line, as a user runs it: one worker, result as JSON."""

import dataclasses
import json
import sys
from typing import Any

from benchmarks.peers.peer import Count, Load, Peer

__all__ = ["PEER", "result", "variant"]

RESULT = "result.json"
PROGRAM = (sys.executable, "-m", "loadgen")


def _command(load: Load) -> list[str]:
    if load.rate_rps:
        shape = ["--rate", f"{load.rate_rps:.17g}", "--connections", str(load.connections)]
    else:
        shape = ["--concurrency", str(load.connections), "--think", "0"]
    return [
        *(*PROGRAM, "run", load.url, *shape, "--duration", f"{load.seconds:g}s"),
        *("--workers", "1", "--quiet", "--json", str(load.scratch / RESULT)),
    ]


def result(load: Load) -> dict[str, Any]:
    """The result file of a run that is over."""
    content: dict[str, Any] = json.loads((load.scratch / RESULT).read_text())
    return content


def _count(load: Load, _: str) -> Count:
    requests = result(load)["requests"]
    return Count(completed=requests["succeeded"] + requests["failed"], failed=requests["failed"])


PEER = Peer(
    name="loadgen",
    command=_command,
    count=_count,
    version_command=(*PROGRAM, "--version"),
    fine=frozenset({0, 3}),  # 3: it distrusts itself on a busy machine, and says so in the result
)


def variant(name: str, *options: str) -> Peer:
    """Our own load generator with more options, under a name of its own."""

    def command(load: Load) -> list[str]:
        return [*_command(load), *options]

    return dataclasses.replace(PEER, name=name, command=command)
