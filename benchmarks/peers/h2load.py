"""h2load in HTTP/1.1 mode (nghttp2): C, libev."""

from benchmarks.peers.peer import Count, Load, Peer, number

__all__ = ["PEER"]


def _command(load: Load) -> list[str]:
    return ["h2load", "--h1", "-t1", f"-c{load.connections}", f"-D{load.seconds:.0f}", load.url]


def _count(_: Load, output: str) -> Count:
    return Count(
        completed=number(output, r"^requests: .* (\d+) succeeded"),
        failed=number(output, r"^requests: .* (\d+) failed"),
    )


PEER = Peer(name="h2load", command=_command, count=_count, version_command=("h2load", "--version"))
