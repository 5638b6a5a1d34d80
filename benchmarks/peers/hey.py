"""hey: Go, net/http."""

from benchmarks.peers.peer import Count, Load, Peer, number

__all__ = ["PEER"]


def _command(load: Load) -> list[str]:
    return ["hey", "-z", f"{load.seconds:.0f}s", "-c", f"{load.connections}", load.url]


def _count(_: Load, output: str) -> Count:
    return Count(
        completed=number(output, r"^ *\[2\d\d\]\s+(\d+) responses"),
        failed=number(output, r"^ *\[[345]\d\d\]\s+(\d+) responses", otherwise=0),
    )


PEER = Peer(name="hey", command=_command, count=_count, version_command=("dpkg-query", "-W", "hey"))
