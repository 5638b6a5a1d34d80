"""What does TLS cost, a request on an open connection and a full handshake, next to wrk?

TLS 1.3 with an ECDSA P-256 certificate, no think time, one core; neither verifies it. The
handshake's price is that of a request on a connection of its own; the server resumes none.
"""

import dataclasses
from collections.abc import Iterator, Sequence

from benchmarks.harness import Lab, main, ratio, turns
from benchmarks.peers import PEERS, Load, Peer
from benchmarks.peers.loadgen import variant
from benchmarks.record import Row

__all__ = ["MUST_REACH", "answer", "runs"]

MUST_REACH = "≤ 1.00 × wrk, both"
CONNECTIONS = 64
PRICE = "steady_cpu_s_per_request"


WRK = PEERS["wrk"]


def _closing(load: Load) -> list[str]:
    return [*WRK.command(load), "-H", "Connection: close"]


SUBJECTS: dict[str, tuple[Peer, Peer]] = {
    "keep-alive": (variant("loadgen", "--insecure"), WRK),
    "handshake": (
        variant("loadgen", "--insecure", "--no-keepalive"),
        dataclasses.replace(WRK, command=_closing),
    ),
}


def runs(lab: Lab) -> Iterator[Row]:
    """Both tools in turn, with and without keep-alive."""
    load = dataclasses.replace(lab.load(CONNECTIONS), url=lab.server.secure_url)
    for kind, subjects in SUBJECTS.items():
        for round_, peer in turns(subjects, lab.rounds):
            yield {"round": round_, "kind": kind, **lab.measure(peer, load)}


def answer(rows: Sequence[Row]) -> str:
    """The figures, from the CSV."""
    figures = []
    for kind in SUBJECTS:
        some = [row for row in rows if row["kind"] == kind]
        figures.append(f"{kind}: {ratio(some, PRICE, 'loadgen', 'wrk'):.2f} × wrk")
    return "; ".join(figures)


if __name__ == "__main__":
    main(__doc__, runs, answer, rounds=7, seconds=8.0)
