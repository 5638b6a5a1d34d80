"""How much resident memory does each further connection take?

From 10 to 10,000 connections (k6: 1,000), all of the tool's processes together, once all are
open; loadgen in a closed loop with think time, the others as they are.
"""

import time
from collections.abc import Iterator, Sequence

from benchmarks.harness import Lab, main, median, turns
from benchmarks.peers import PEERS
from benchmarks.peers.loadgen import variant
from benchmarks.record import Row

__all__ = ["MUST_REACH", "answer", "runs"]

MUST_REACH = "≤ 1 KiB per connection"
FEW = 10
MANY = {"loadgen": 10_000, "wrk": 10_000, "k6": 1_000}
PEERS_HERE = {
    "loadgen": variant("loadgen", "--think", "1s..2s"),
    "wrk": PEERS["wrk"],
    "k6": PEERS["k6"],
}
OPEN_S = 30.0
"""Longest wait for all connections to be open."""


def runs(lab: Lab) -> Iterator[Row]:
    """Every peer with few and with many connections."""
    cases = [(name, count) for name in MANY for count in (FEW, MANY[name])]
    for round_, (name, connections) in turns(cases, lab.rounds):
        with lab.start(PEERS_HERE[name], lab.load(connections)) as client:
            deadline_s = time.monotonic() + OPEN_S
            while lab.server.connections() < connections:
                if time.monotonic() > deadline_s:
                    raise RuntimeError(f"{name} did not open {connections} in {OPEN_S:g} s")
                time.sleep(0.1)
            time.sleep(1)  # buffers that grow with the first answers
            resident_bytes = sum(client.memory_bytes())
        yield {
            "round": round_,
            "peer": name,
            "connections": connections,
            "resident_bytes": resident_bytes,
        }


def answer(rows: Sequence[Row]) -> str:
    """The figures, from the CSV."""
    return ", ".join(
        f"{name} {_bytes_each(rows, name, many) / 1024:.2f} KiB" for name, many in MANY.items()
    )


def _bytes_each(rows: Sequence[Row], name: str, many: int) -> float:
    few_bytes, many_bytes = (
        median(
            [row for row in rows if row["peer"] == name and row["connections"] == count],
            "resident_bytes",
        )
        for count in (FEW, many)
    )
    return (many_bytes - few_bytes) / (many - FEW)


if __name__ == "__main__":
    main(__doc__, runs, answer, rounds=3, seconds=60.0)
