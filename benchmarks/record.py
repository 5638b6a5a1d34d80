"""Results as CSV: a header, one row per run, units in the names, nothing rounded.

Every row also says where it was measured: commit, CPU, kernel, Python, flags, cores.
"""

from __future__ import annotations

import csv
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

__all__ = ["Cell", "Row", "Where", "read", "write"]

ROOT = Path(__file__).resolve().parents[1]

Cell = str | int | float
Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The machine and the build that a row was measured on.

    Attributes:
        client_cpu, server_cpu: the cores of the load generator and of the server.
    """

    client_cpu: int
    server_cpu: int

    @classmethod
    def here(cls) -> Where:
        """Two different cores of this process's own.

        Raises:
            RuntimeError: there is only one core.
        """
        cpus = sorted(os.sched_getaffinity(0))
        if len(cpus) < 2:
            raise RuntimeError("benchmarks need two cores: one for the client, one for the server")
        return cls(client_cpu=cpus[0], server_cpu=cpus[1])

    def row(self) -> dict[str, Cell]:
        """As columns."""
        switches = ("CFLAGS", "LOADGEN_DEBUG", "LOADGEN_SANITIZE")
        flags = " ".join(f"{name}={os.environ[name]}" for name in switches if name in os.environ)
        return {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "commit": _commit(),
            "cpu": _cpu_model(),
            "kernel": platform.release(),
            "python": platform.python_version(),
            "flags": flags or "release",
            "client_cpu": self.client_cpu,
            "server_cpu": self.server_cpu,
        }


def _commit() -> str:
    """Of this tree; "+" says that files differ from it."""
    command = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def write(path: Path, rows: Iterable[Row], where: Where) -> list[Row]:
    """Writes rows as they come (so that an interrupted benchmark leaves what it has).

    Args:
        path: replaced; its folder is made.
        rows: all with the same columns.
        where: stands in every row.

    Returns:
        The rows, without the columns of where.
    """
    written: list[Row] = []
    path.parent.mkdir(parents=True, exist_ok=True)
    facts = where.row()
    with path.open("w", newline="") as file:
        writer: csv.DictWriter[str] | None = None
        for row in rows:
            if writer is None:
                writer = csv.DictWriter(file, [*row, *facts], lineterminator="\n")
                writer.writeheader()
            writer.writerow({**row, **facts})
            file.flush()
            written.append(row)
    return written


def read(path: Path) -> list[Row]:
    """The rows of a CSV; what looks like a number is one."""
    with path.open(newline="") as file:
        return [{name: _cell(text) for name, text in row.items()} for row in csv.DictReader(file)]


def _cell(text: str) -> Cell:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
