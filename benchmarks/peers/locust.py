"""Locust with its fast client (FastHttpUser): Python, gevent, geventhttpclient."""

import json

from benchmarks.peers.peer import PEER_VENV, SCRIPTS, Count, Load, Peer

__all__ = ["PEER"]

PROGRAM = str(PEER_VENV / "bin" / "locust")
PYTHON = str(PEER_VENV / "bin" / "python")
VERSION = "from importlib.metadata import version; print('locust', version('locust'))"


def _command(load: Load) -> list[str]:
    users = str(load.connections)
    return [
        *(PROGRAM, "--locustfile", str(SCRIPTS / "locust_user.py"), "--host", load.url.rstrip("/")),
        *("--headless", "--users", users, "--spawn-rate", users),
        *("--run-time", f"{load.seconds:.0f}s", "--json", "--skip-log"),
    ]


def _count(_: Load, output: str) -> Count:
    rows = json.loads(output[output.index("[") : output.rindex("]") + 1])
    return Count(
        completed=sum(row["num_requests"] for row in rows),
        failed=sum(row["num_failures"] for row in rows),
    )


PEER = Peer(name="locust", command=_command, count=_count, version_command=(PYTHON, "-c", VERSION))
