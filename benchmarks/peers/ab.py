"""ab, Apache's bench: C, poll, HTTP/1.0 with keep-alive."""

from benchmarks.peers.peer import Count, Load, Peer, number

__all__ = ["PEER"]

MOST_RPS = 300_000
"""ab wants a number of requests besides the time, and reserves memory for each."""


def _command(load: Load) -> list[str]:
    requests = int(load.seconds * MOST_RPS)
    seconds = f"{load.seconds:.0f}"
    return [
        "ab",
        "-k",
        "-q",
        "-c",
        f"{load.connections}",
        "-t",
        seconds,
        "-n",
        f"{requests}",
        load.url,
    ]


def _count(_: Load, output: str) -> Count:
    return Count(
        completed=number(output, r"^Complete requests: +(\d+)"),
        failed=number(output, r"^Failed requests: +(\d+)"),
    )


PEER = Peer(name="ab", command=_command, count=_count, version_command=("ab", "-V"))
