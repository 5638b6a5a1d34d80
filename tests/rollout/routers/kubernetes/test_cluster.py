"""What the API server answers, what it refuses, and what is said of it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from rollout.routers.kubernetes.access import connect
from rollout.routers.kubernetes.cluster import FIELD_MANAGER, ClusterError, PatchKind
from rollout.routers.kubernetes.kinds import DEPLOYMENTS, Kind, Place
from rollout.routers.kubernetes.kubeconfig import Login, read_login
from tests.kube.cluster import KubeCluster, Room, deployment


def test_our_changes_stand_under_our_name(room: Room) -> None:
    room.create(deployment("backend", 1))
    place = room.deployment("backend")
    patched = room.cluster.patch(place, {"spec": {"replicas": 3}}, PatchKind.MERGE)
    assert patched.whole("spec", "replicas") == 3
    shown = room.kubectl(
        "get", "deployment", "backend", "-o", "json", "--show-managed-fields=true", check=False
    )
    if "unknown flag" in shown:  # an older kubectl shows them always
        shown = room.kubectl("get", "deployment", "backend", "-o", "json")
    assert f'"manager": "{FIELD_MANAGER}"' in shown


def test_a_dry_run_keeps_nothing(room: Room) -> None:
    room.create(deployment("backend", 1))
    place = room.deployment("backend")
    patch = {"spec": {"replicas": 3}}
    tried = room.cluster.patch(place, patch, PatchKind.MERGE, changes_nothing=True)
    assert tried.whole("spec", "replicas") == 3
    assert room.fields("deployment", "backend", "{.spec.replicas}") == "1"


def test_all_objects_of_a_place(room: Room) -> None:
    room.create(deployment("one", 1), deployment("two", 1))
    place = Place(kind=DEPLOYMENTS, namespace=room.namespace)
    assert {each.name for each in room.cluster.every(place)} == {"one", "two"}


@pytest.mark.parametrize(
    ("patch", "code", "lasting"),
    [
        ([{"op": "test", "path": "/metadata/name", "value": "other"}], 422, True),
        ([{"op": "add", "path": "/metadata/resourceVersion", "value": "1"}], 409, False),
        ([{"op": "add", "path": "/spec/replicas", "value": "many"}], 400, True),
    ],
)
def test_a_refused_patch(room: Room, patch: object, code: int, lasting: bool) -> None:
    room.create(deployment("backend", 1))
    with pytest.raises(ClusterError) as caught:
        room.cluster.patch(room.deployment("backend"), patch, PatchKind.JSON)
    error = caught.value
    assert (error.code, error.lasting) == (code, lasting) or (
        code == 400 and error.code in (400, 422)  # newer servers say the latter
    )
    assert "\n" not in str(error)
    assert f"deployments/backend in {room.namespace}" in str(error)


def test_an_object_is_waited_for(room: Room) -> None:
    room.create(deployment("backend", 1))
    timer = threading.Timer(0.2, room.kubectl, ("scale", "deployment", "backend", "--replicas=5"))
    timer.start()
    try:
        last, is_reached = room.cluster.wait(
            room.deployment("backend"),
            lambda seen: seen.whole("spec", "replicas") == 5,
            limit_s=20,
        )
    finally:
        timer.join()
    assert is_reached
    assert last.whole("spec", "replicas") == 5


def test_waiting_ends(room: Room) -> None:
    room.create(deployment("backend", 1))
    last, is_reached = room.cluster.wait(
        room.deployment("backend"), lambda seen: False, limit_s=0.2
    )
    assert not is_reached
    assert last.name == "backend"


def test_what_is_deleted_meanwhile_is_said(room: Room) -> None:
    room.create(deployment("backend", 1))
    seen = room.cluster.get(room.deployment("backend"))
    room.kubectl("delete", "deployment", "backend", "--wait=false")
    with pytest.raises(ClusterError, match="it was deleted"):
        list(room.cluster.later(room.deployment("backend"), seen.version, within_s=5))


def test_a_version_that_is_forgotten(room: Room) -> None:
    """Version 1 is from before the server's start, and its store has been compacted or not."""
    room.create(deployment("backend", 1))
    place = room.deployment("backend")
    for each in room.cluster.later(place, "0", within_s=0.2):  # "0": any state will do
        assert each.name == "backend"


def test_nobody_there(kube: KubeCluster) -> None:
    login = read_login(kubeconfig=str(kube.kubeconfig))
    nobody = Login(
        context=login.context,
        namespace="default",
        cluster={**login.cluster, "server": "https://127.0.0.1:1"},
        user=login.user,
    )
    cluster = connect(nobody)
    try:
        with pytest.raises(
            ClusterError, match=r"127\.0\.0\.1:1 .*: GET /version: .*refused"
        ) as caught:
            cluster.read("/version")
    finally:
        cluster.close()
    assert not caught.value.lasting
    assert caught.value.code == 0


def test_an_unknown_user(kube: KubeCluster, tmp_path: Path) -> None:
    login = read_login(kubeconfig=str(kube.kubeconfig))
    stranger = Login(
        context=login.context, namespace="default", cluster=login.cluster, user={"token": "wrong"}
    )
    cluster = connect(stranger)
    try:
        with pytest.raises(ClusterError, match=r"401, .* log in again") as caught:
            cluster.every(Place(kind=Kind(group="", version="v1", plural="pods"), namespace="a"))
    finally:
        cluster.close()
    assert caught.value.lasting
