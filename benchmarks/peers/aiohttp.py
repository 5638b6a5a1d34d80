"""aiohttp's client on uvloop: what a load generator written by hand in Python does."""

import json

from benchmarks.peers.peer import PEER_VENV, SCRIPTS, Count, Load, Peer

__all__ = ["PEER"]

PROGRAM = str(PEER_VENV / "bin" / "python")
VERSION = "import aiohttp; print('aiohttp', aiohttp.__version__)"


def _command(load: Load) -> list[str]:
    script = str(SCRIPTS / "aiohttp_client.py")
    return [PROGRAM, script, load.url, str(load.connections), str(load.seconds)]


def _count(_: Load, output: str) -> Count:
    return Count(**json.loads(output))


PEER = Peer(
    name="aiohttp", command=_command, count=_count, version_command=(PROGRAM, "-c", VERSION)
)
