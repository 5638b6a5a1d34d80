"""What a benchmark needs to know of a load generator: how to start it, how to read it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PEER_VENV", "SCRIPTS", "Count", "Load", "Peer", "number"]

SCRIPTS = Path(__file__).with_name("scripts")
"""What peers that are scripted run."""

PEER_VENV = Path(__file__).resolve().parents[2] / ".venv-bench"
"""Where peers from PyPI are installed (`make bench` does it)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What every peer is asked for: keep-alive GETs of one URL from one thread.

    Attributes:
        connections: open at the same time.
        seconds: of load.
        scratch: an empty folder for what the peer writes.
        rate_rps: open loop at this rate; 0: each connection sends again at once.
    """

    url: str
    connections: int
    seconds: float
    scratch: Path
    rate_rps: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What a peer says it did.

    Attributes:
        completed: requests that were answered.
        failed: of those and beyond, requests that it calls errors.
    """

    completed: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A load generator.

    Attributes:
        command: the load as a command line.
        count: reads what it printed (or wrote into the load's scratch folder).
        version_command: prints its version; empty when it has none.
        fine: exit codes after which its count can be read.
    """

    name: str
    command: Callable[[Load], list[str]]
    count: Callable[[Load, str], Count]
    version_command: tuple[str, ...]
    fine: frozenset[int] = frozenset({0})

    def version(self) -> str:
        """What it says of its version: the first line with a digit; "" when it cannot be asked."""
        if not self.version_command:
            return ""
        asked = subprocess.run(self.version_command, capture_output=True, text=True, check=False)
        lines = (asked.stdout + asked.stderr).splitlines()
        return next((line.strip() for line in lines if re.search(r"\d", line)), "")


def number(output: str, pattern: str, *, otherwise: int | None = None) -> int:
    """The sum of what a pattern's first group matched, anywhere in a peer's output.

    Args:
        output: what the peer printed.
        pattern: a regular expression with one group of digits.
        otherwise: what no match means.

    Raises:
        ValueError: no match: this version of the peer prints something else.
    """
    found = re.findall(pattern, output, re.MULTILINE)
    if not found and otherwise is None:
        raise ValueError(f"the peer's output has nothing like {pattern!r}: {output[-400:]!r}")
    return sum(map(int, found)) if found else int(otherwise or 0)
