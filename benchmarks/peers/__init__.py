"""The load generators that are measured side by side, one module each."""

from benchmarks.peers import ab, aiohttp, floor, h2load, hey, k6, loadgen, locust, wrk
from benchmarks.peers.peer import Count, Load, Peer

__all__ = ["PEERS", "Count", "Load", "Peer"]

PEERS = {
    module.PEER.name: module.PEER
    for module in (loadgen, floor, wrk, h2load, ab, hey, k6, aiohttp, locust)
}
"""By name; loadgen first, then from the fastest to the slowest that we know of."""
