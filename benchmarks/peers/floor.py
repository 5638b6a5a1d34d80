"""The kernel's limit: benchmarks/floor.c, compiled when it is needed."""

import json
import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.peers.peer import Count, Load, Peer

__all__ = ["PEER"]

SOURCE = Path(__file__).resolve().parents[1] / "floor.c"
PROGRAM = SOURCE.parents[1] / "build" / "floor"


def _compiled() -> str:
    if not PROGRAM.exists() or PROGRAM.stat().st_mtime < SOURCE.stat().st_mtime:
        PROGRAM.parent.mkdir(exist_ok=True)
        compiler = os.environ.get("CC", "cc")
        flags = ["-std=c11", "-O2", "-D_GNU_SOURCE"]
        subprocess.run([compiler, *flags, str(SOURCE), "-o", str(PROGRAM)], check=True)
    return str(PROGRAM)


def _command(load: Load) -> list[str]:
    to = urlsplit(load.url)
    return [_compiled(), str(to.hostname), str(to.port), str(load.connections), str(load.seconds)]


def _count(_: Load, output: str) -> Count:
    return Count(completed=json.loads(output)["requests"], failed=0)


PEER = Peer(name="floor", command=_command, count=_count, version_command=())
