"""What do six weighted endpoints with statistics of their own cost, next to one endpoint?

Keep-alive GET, 64 connections, no think time; the weights are the guide's.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from benchmarks.harness import Lab, main, ratio, turns
from benchmarks.peers.loadgen import variant
from benchmarks.peers.peer import Peer
from benchmarks.record import Row

__all__ = ["MUST_REACH", "answer", "runs"]

MUST_REACH = "≤ 1.05 × the CPU of one endpoint"
CONNECTIONS = 64
ENDPOINTS: Mapping[str, Mapping[str, float]] = {
    "one": {"/api/products": 1.0},
    "six": {
        "/api/health": 0.05,
        "/api/users": 0.25,
        "/api/orders": 0.30,
        "/api/products": 0.20,
        "/api/analytics": 0.10,
        "/api/search": 0.10,
    },
}


def runs(lab: Lab) -> Iterator[Row]:
    """One endpoint and six in turn."""
    for round_, peer in turns([_peer(lab, name) for name in ENDPOINTS], lab.rounds):
        yield {"round": round_, **lab.measure(peer, lab.load(CONNECTIONS))}


def _peer(lab: Lab, name: str) -> Peer:
    """Our own load generator with these endpoints in its config file (JSON is YAML)."""
    config = lab.scratch / f"{name}.yml"
    config.write_text(json.dumps({"load_test": {"endpoints": ENDPOINTS[name]}}))
    return variant(name, "--config", str(config))


def answer(rows: Sequence[Row]) -> str:
    """The figures, from the CSV."""
    return f"{ratio(rows, 'steady_cpu_s_per_request', 'six', 'one'):.3f} × one endpoint"


if __name__ == "__main__":
    main(__doc__, runs, answer, rounds=7, seconds=8.0)
