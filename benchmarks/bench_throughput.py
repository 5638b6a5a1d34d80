"""How many requests a second does one core send, next to the tools that people use?

Keep-alive GET, 64 connections, no think time; counted by the server in the middle of the run.
"""

from collections.abc import Iterator, Sequence

from benchmarks.harness import Lab, main, median, ratio, turns
from benchmarks.peers import PEERS
from benchmarks.record import Row

__all__ = ["MUST_REACH", "answer", "runs"]

MUST_REACH = "≥ wrk; ≥ 8 × k6; ≥ 12 × Locust"
CONNECTIONS = 64


def runs(lab: Lab) -> Iterator[Row]:
    """Every peer in turn."""
    for round_, peer in turns(tuple(PEERS.values()), lab.rounds):
        yield {"round": round_, **lab.measure(peer, lab.load(CONNECTIONS))}


def answer(rows: Sequence[Row]) -> str:
    """The figures, from the CSV."""
    own = median([row for row in rows if row["peer"] == "loadgen"], "steady_rps")
    peers = sorted({str(row["peer"]) for row in rows} - {"loadgen"})
    ratios = {peer: ratio(rows, "steady_rps", "loadgen", peer) for peer in peers}
    nearest_first = sorted(peers, key=ratios.__getitem__)
    figures = ", ".join(f"{ratios[peer]:.2f} × {peer}" for peer in nearest_first)
    return f"{own:,.0f} requests/s: {figures}"


if __name__ == "__main__":
    main(__doc__, runs, answer, rounds=7, seconds=8.0)
