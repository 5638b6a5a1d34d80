"""What may be done, asked of a real server as an account that may do little."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from rollout.routers.kubernetes.access import connect
from rollout.routers.kubernetes.cluster import Cluster
from rollout.routers.kubernetes.gateway import GatewayRouter
from rollout.routers.kubernetes.kubeconfig import read_login
from rollout.routers.kubernetes.rights import (
    event_needs,
    gateway_needs,
    replica_needs,
    require,
    role_yaml,
    undo_needs,
)
from rollout.routers.router import RouterError
from tests.kube.cluster import Room, http_route

ALL = (
    *gateway_needs("backend"),
    *replica_needs("backend-v1", "backend-v2"),
    *undo_needs("backend-v2"),
    *event_needs("backend-v2"),
)


@contextmanager
def acting_as(kubeconfig: Path) -> Iterator[Cluster]:
    cluster = connect(read_login(kubeconfig=str(kubeconfig)))
    try:
        yield cluster
    finally:
        cluster.close()


def test_who_may_do_everything_lacks_nothing(room: Room) -> None:
    require(room.cluster, room.namespace, ALL)


def test_all_that_is_missing_is_named(room: Room, tmp_path: Path) -> None:
    with (
        acting_as(room.account("nobody", "", tmp_path)) as cluster,
        pytest.raises(RouterError) as caught,
    ):
        require(cluster, room.namespace, gateway_needs("backend") + undo_needs("backend-v2"))
    assert (
        f"in namespace {room.namespace} these rights are missing: get httproutes/backend, "
        "patch httproutes/backend, watch httproutes/backend, get deployments/backend-v2, "
        "patch deployments/backend-v2, list replicasets; nothing was changed" in str(caught.value)
    )
    assert caught.value.lasting


def test_the_printed_role_is_enough(room: Room, tmp_path: Path) -> None:
    role = role_yaml(ALL, name="rollout", namespace=room.namespace)
    with acting_as(room.account("runner", role, tmp_path)) as cluster:
        require(cluster, room.namespace, ALL)
        room.create(http_route([{"name": "v1", "weight": 1}, {"name": "v2", "weight": 0}]))
        routes = GatewayRouter(cluster, room.route(), stable="v1", canary="v2")
        routes.set(5)
        room.kubectl("label", "httproute", "backend", "a=b")
        assert routes.changed_by() == ""
    assert room.fields("httproute", "backend", "{..weight}") == "95 5"


def test_the_printed_role_is_minimal(room: Room, tmp_path: Path) -> None:
    """Another route of the same namespace stays out of reach."""
    role = role_yaml(gateway_needs("backend"), name="rollout", namespace=room.namespace)
    with (
        acting_as(room.account("runner", role, tmp_path)) as cluster,
        pytest.raises(RouterError, match="missing: get httproutes/other, patch httproutes/other"),
    ):
        require(cluster, room.namespace, gateway_needs("other"))


def test_a_role_says_each_right_once() -> None:
    rules = yaml.safe_load(role_yaml(ALL, name="rollout", namespace="shop"))["rules"]
    assert rules == [
        {
            "apiGroups": ["gateway.networking.k8s.io"],
            "resources": ["httproutes"],
            "resourceNames": ["backend"],
            "verbs": ["get", "patch", "watch"],
        },
        {
            "apiGroups": ["apps"],
            "resources": ["deployments"],
            "resourceNames": ["backend-v1", "backend-v2"],
            "verbs": ["get", "patch", "watch"],
        },
        {"apiGroups": ["apps"], "resources": ["replicasets"], "verbs": ["list"]},
        {"apiGroups": [""], "resources": ["events"], "verbs": ["create"]},
    ]
