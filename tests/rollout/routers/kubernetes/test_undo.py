"""Undoing on a real API server, beside `kubectl rollout undo` on a twin."""

from __future__ import annotations

import json

import pytest

from loadgen.cli import kubernetes
from rollout.routers.kubernetes.undo import plan_undo, undo
from rollout.routers.router import RouterError
from tests.kube.cluster import KubeCluster, Room
from tests.kube.history import IMAGES, with_history

pytestmark = pytest.mark.usefixtures("own_kube")


@pytest.mark.parametrize("to_revision", [0, 1])
def test_it_does_what_kubectl_does(room: Room, to_revision: int) -> None:
    for name in ("ours", "theirs"):
        with_history(room, name, IMAGES)
    done = undo(room.cluster, namespace=room.namespace, deployment="ours", to_revision=to_revision)
    room.kubectl("rollout", "undo", "deployment/theirs", f"--to-revision={to_revision}")
    ours, theirs = (
        json.loads(room.kubectl("get", "deployment", name, "-o", "json").replace(name, "NAME"))
        for name in ("ours", "theirs")
    )
    assert ours["spec"] == theirs["spec"]
    assert ours["metadata"]["annotations"] == theirs["metadata"]["annotations"]
    assert (done.from_revision, done.to_revision) == (3, to_revision or 2)
    assert done.is_changed
    assert done.text == (
        f"deployment ours in {room.namespace} went back from revision 3 to revision "
        f"{to_revision or 2}"
    )


def test_a_planned_undo_is_done_once(room: Room) -> None:
    """A rollout that was killed after it does not go back one further."""
    with_history(room, "backend", IMAGES)
    plan = plan_undo(room.cluster, namespace=room.namespace, deployment="backend")
    assert room.fields("deployment", "backend", "{..image}") == IMAGES[2]
    for is_changed in (True, False):
        done = undo(
            room.cluster,
            namespace=room.namespace,
            deployment="backend",
            to_revision=plan.to_revision,
        )
        assert done.is_changed is is_changed
        assert room.fields("deployment", "backend", "{..image}") == IMAGES[1]


def test_a_revision_that_is_not_there_is_named(room: Room) -> None:
    with_history(room, "backend", IMAGES)
    with pytest.raises(RouterError, match="found no revision 9, but: 3, 2, 1") as caught:
        undo(room.cluster, namespace=room.namespace, deployment="backend", to_revision=9)
    assert caught.value.lasting


def test_a_paused_deployment_is_refused_as_kubectl_refuses_it(room: Room) -> None:
    with_history(room, "backend", IMAGES)
    room.kubectl("rollout", "pause", "deployment/backend")
    judged = room.kubectl("rollout", "undo", "deployment/backend", check=False)
    assert "cannot rollback a paused deployment" in judged
    with pytest.raises(RouterError, match="is paused and cannot be undone"):
        undo(room.cluster, namespace=room.namespace, deployment="backend")


def test_a_first_revision_has_nothing_before_it(room: Room, own_kube: KubeCluster) -> None:
    with_history(room, "backend", IMAGES[:1])
    assert "no rollout history found" in room.kubectl(
        "rollout", "undo", "deployment/backend", check=False
    )
    with pytest.raises(RouterError, match="no revision to go back to"):
        undo(room.cluster, namespace=room.namespace, deployment="backend")


@pytest.mark.parametrize(("to_revision", "reached"), [(0, 2), (1, 1)])
def test_the_command_says_what_it_does(
    room: Room, capsys: pytest.CaptureFixture[str], to_revision: int, reached: int
) -> None:
    """Its last line is what a rollout's journal keeps of a rollback command."""
    with_history(room, "backend", IMAGES)
    told = (
        f"deployment backend in {room.namespace} went back from revision 3 to revision {reached}\n"
    )
    for dry_run, before in ((True, "would be done: "), (False, "")):
        assert room.fields("deployment", "backend", "{..image}") == IMAGES[2]
        kubernetes.undo(
            deployment="backend",
            namespace=room.namespace,
            to_revision=to_revision,
            kubeconfig=str(room.kube.kubeconfig),
            dry_run=dry_run,
        )
        assert capsys.readouterr().out == before + told
    assert room.fields("deployment", "backend", "{..image}") == IMAGES[reached - 1]
