"""How much CPU time does a request cost, next to wrk and next to the kernel's limit?

Keep-alive GET, 64 and 256 connections, no think time, one core; floor is benchmarks/floor.c.
"""

from collections.abc import Iterator, Sequence

from benchmarks.harness import Lab, main, ratio, turns
from benchmarks.peers import PEERS
from benchmarks.record import Row

__all__ = ["MUST_REACH", "answer", "runs"]

MUST_REACH = "≤ 0.95 × wrk and ≤ 1.15 × floor"
CONNECTIONS = (64, 256)
SUBJECTS = tuple(PEERS[name] for name in ("loadgen", "wrk", "floor"))
PRICE = "steady_cpu_s_per_request"


def runs(lab: Lab) -> Iterator[Row]:
    """Every peer in turn, at each number of connections."""
    for connections in CONNECTIONS:
        for round_, peer in turns(SUBJECTS, lab.rounds):
            yield {"round": round_, **lab.measure(peer, lab.load(connections))}


def answer(rows: Sequence[Row]) -> str:
    """The figures, from the CSV."""
    figures = []
    for connections in sorted({row["connections"] for row in rows}, key=int):
        some = [row for row in rows if row["connections"] == connections]
        to_wrk = ratio(some, PRICE, "loadgen", "wrk")
        to_floor = ratio(some, PRICE, "loadgen", "floor")
        whole = ratio(some, "whole_cpu_s_per_request", "loadgen", "wrk")
        figures.append(
            f"{connections} connections: {to_wrk:.2f} × wrk ({whole:.2f} with start-up), "
            f"{to_floor:.2f} × floor"
        )
    return "; ".join(figures)


if __name__ == "__main__":
    main(__doc__, runs, answer, rounds=7, seconds=8.0)
