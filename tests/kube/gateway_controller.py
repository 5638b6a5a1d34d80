"""Plays a gateway's controller: turns an HTTPRoute's weights into those of a real Envoy.

Forty lines of what Envoy Gateway, Istio and the like do: watch the route, program the proxy,
report the generation that was taken over. It knows nothing of the code under test but the watch.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from rollout.routers.kubernetes.cluster import Cluster, PatchKind
from rollout.routers.kubernetes.kinds import Place
from rollout.routers.kubernetes.manifest import Manifest
from rollout.routers.router import Router, RouterError

__all__ = ["programming"]

LOOK_S = 0.1


@contextlib.contextmanager
def programming(cluster: Cluster, place: Place, envoy: Router, *, canary: str) -> Iterator[None]:
    """Keeps Envoy at the route's weights for as long as the block lasts.

    Args:
        cluster: a connection of its own.
        place: the route, whose first rule it serves.
        envoy: what it programs.
        canary: the service whose weight Envoy gets.
    """
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            # An API server that is away comes back; what is programmed stays so.
            with contextlib.suppress(RouterError):
                seen = cluster.get(place)
                _program(cluster, place, envoy, seen, canary)
                for state in cluster.later(place, seen.version, within_s=LOOK_S):
                    _program(cluster, place, envoy, state, canary)
            ended.wait(0.01)

    thread = threading.Thread(target=serve, name="gateway controller")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _program(cluster: Cluster, place: Place, envoy: Router, seen: Manifest, canary: str) -> None:
    generation = seen.whole("metadata", "generation")
    references = seen.each("spec", "rules")[0].each("backendRefs")
    weights = {each.text("name"): each.whole("weight", default=1) for each in references}
    envoy.set(100 * weights[canary] / sum(weights.values()))
    parents = seen.each("status", "parents")
    if parents and parents[0].each("conditions")[0].whole("observedGeneration") == generation:
        return
    condition = {"type": "Accepted", "status": "True", "observedGeneration": generation}
    status = {"parents": [{"parentRef": {"name": "edge"}, "conditions": [condition]}]}
    at = Place(kind=place.kind, namespace=place.namespace, name=f"{place.name}/status")
    cluster.patch(at, {"status": status}, PatchKind.MERGE)
