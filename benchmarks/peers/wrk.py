"""wrk: C, epoll, one thread. The tool to beat."""

from benchmarks.peers.peer import Count, Load, Peer, number

__all__ = ["PEER"]


def _command(load: Load) -> list[str]:
    return ["wrk", "-t1", f"-c{load.connections}", f"-d{load.seconds:.0f}s", load.url]


def _count(_: Load, output: str) -> Count:
    return Count(
        completed=number(output, r"^ *(\d+) requests in "),
        failed=number(output, r"Non-2xx or 3xx responses: (\d+)", otherwise=0)
        + number(output, r"(?:connect|read|write|timeout) (\d+)", otherwise=0),
    )


PEER = Peer(name="wrk", command=_command, count=_count, version_command=("wrk", "-v"))
