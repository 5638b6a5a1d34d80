"""What a cluster serves, asked of real ones."""

from __future__ import annotations

import pytest

from rollout.routers.kubernetes.cluster import Cluster
from rollout.routers.kubernetes.discovery import find_routes, server_version
from rollout.routers.kubernetes.kinds import HTTP_ROUTES
from rollout.routers.kubernetes.manifest import Manifest
from rollout.routers.router import RouterError
from tests.kube.cluster import Room


def test_the_version_is_kubectls(room: Room) -> None:
    assert server_version(room.cluster) in room.kubectl("version", "-o", "json")


def test_routes_are_found(room: Room) -> None:
    assert find_routes(room.cluster) == HTTP_ROUTES


class Reduced(Cluster):
    """A connection to a cluster that serves less: at one path it gives another answer."""

    hidden: str
    found: Manifest | str

    def read(self, path: str) -> Manifest:
        if path != self.hidden:
            return super().read(path)
        return super().read(self.found) if isinstance(self.found, str) else self.found


def reduced(room: Room, path: str, found: dict[str, object] | str) -> Reduced:
    cluster = Reduced(room.cluster._client, context="test", namespace=room.namespace)
    cluster.hidden = path
    cluster.found = found if isinstance(found, str) else Manifest(found)
    return cluster


def test_a_cluster_without_the_gateway_api(room: Room) -> None:
    """Its 404 is a real one, of a group that nobody serves."""
    without = reduced(room, f"/apis/{HTTP_ROUTES.group}", "/apis/nowhere.example")
    with pytest.raises(RouterError, match="no HTTPRoute to set weights of; install the") as caught:
        find_routes(without)
    assert caught.value.lasting


@pytest.mark.parametrize(
    ("path", "answer", "expected"),
    [
        (
            f"/apis/{HTTP_ROUTES.group}",
            {"versions": [{"version": "v1alpha2"}]},
            "in v1alpha2, but HTTPRoute in none of v1, v1beta1",
        ),
        (HTTP_ROUTES.api, {"resources": [{"name": "gateways"}]}, "but HTTPRoute in none of"),
    ],
)
def test_a_gateway_api_without_routes(
    room: Room, path: str, answer: dict[str, object], expected: str
) -> None:
    with pytest.raises(RouterError, match=expected) as caught:
        find_routes(reduced(room, path, answer))
    assert caught.value.lasting


def test_who_is_no_api_server_is_named(room: Room) -> None:
    with pytest.raises(RouterError, match="tells no version; expected a Kubernetes API server"):
        server_version(reduced(room, "/version", {"hello": "world"}))
