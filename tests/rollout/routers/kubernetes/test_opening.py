"""From settings to a router that may do what it needs, on a real API server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from loadgen.config.kubernetes_section import GatewayRouter, ReplicasRouter
from rollout.routers.kubernetes.opening import Opened, open_router
from rollout.routers.kubernetes.rights import needs_of, role_yaml
from rollout.routers.router import RouterError
from tests.kube.cluster import Room, deployment, http_route


def gateway(room: Room, **more: object) -> GatewayRouter:
    written = {"kind": "gateway-api", "route": "backend", "stable": "backend-v1", **more}
    written.setdefault("kubeconfig", str(room.kube.kubeconfig))
    return GatewayRouter.model_validate(written)


def replicas(room: Room, **more: object) -> ReplicasRouter:
    written = {"kind": "replicas", "stable": "backend-v1", **more}
    return ReplicasRouter.model_validate({**written, "kubeconfig": str(room.kube.kubeconfig)})


@contextmanager
def opened(room: Room, options: GatewayRouter | ReplicasRouter) -> Iterator[Opened]:
    found = open_router(options, deployment="backend-v2", namespace=room.namespace)
    try:
        yield found
    finally:
        found.cluster.close()


def start(room: Room) -> None:
    references = ({"name": "backend-v1", "weight": 3}, {"name": "backend-v2", "weight": 1})
    room.create(deployment("backend-v1", 3), deployment("backend-v2", 1), http_route(references))


def test_a_route_by_the_guides_options(room: Room) -> None:
    """--deployment backend-v2 --namespace NAME, and the canary is named by the deployment."""
    start(room)
    with opened(room, gateway(room)) as found:
        assert found.router.get() == 25
        assert found.router.text.startswith(f"HTTPRoute backend in {room.namespace}, https://")
        assert found.events is not None


def test_deployments_by_the_guides_options(room: Room) -> None:
    start(room)
    with opened(room, replicas(room, events="no")) as found:
        assert found.router.get() == 25
        assert found.router.nearest(40) == 50
        assert found.events is None


def test_the_namespace_of_the_options_comes_first(room: Room) -> None:
    start(room)
    found = open_router(
        gateway(room, namespace=room.namespace), deployment="backend-v2", namespace="elsewhere"
    )
    found.cluster.close()
    assert room.namespace in found.router.text


def test_missing_rights_are_found_before_anything_is_changed(room: Room, tmp_path: Path) -> None:
    """All but the last verb are there, which would be found in the middle otherwise."""
    start(room)
    options = gateway(room)
    role = role_yaml(needs_of(options, deployment="backend-v2"), name="r", namespace=room.namespace)
    less = "".join(line for line in role.splitlines(keepends=True) if "- patch" not in line)
    account = room.account("runner", less, tmp_path)
    with (
        pytest.raises(RouterError, match="these rights are missing: patch httproutes/backend;"),
        opened(room, gateway(room, kubeconfig=str(account))),
    ):
        pass
    room.kubectl("apply", "-f", "-", given=role)
    with opened(room, gateway(room, kubeconfig=str(account))) as found:
        found.router.set(5)
    assert room.fields("httproute", "backend", "{..weight}") == "95 5"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"stable": "backend-v2"}, "found backend-v2 as both stable and canary"),
        ({"stable": "backend-v0"}, "no rule that refers to both backend-v0 and backend-v2"),
        ({"route": "frontend"}, "httproutes/frontend in .*: 404"),
        ({"kubeconfig": "/nonexistent"}, "no kubeconfig at /nonexistent"),
        ({"context": "staging"}, "found no context 'staging'"),
    ],
)
def test_what_is_not_there_is_named(room: Room, more: dict[str, object], expected: str) -> None:
    start(room)
    with pytest.raises(RouterError, match=expected), opened(room, gateway(room, **more)):
        pass


def test_what_a_rollback_needs_is_asked_for_when_there_is_one(room: Room) -> None:
    lists = [
        {verb for need in needs_of(gateway(room), deployment="b", undo=undo) for verb in need.verbs}
        for undo in (False, True)
    ]
    assert lists[1] - lists[0] == {"list"}
