"""Scaling two Deployments on a real API server; the test plays their controller."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from rollout.routers.kubernetes.cluster import Cluster, ClusterError, PatchKind
from rollout.routers.kubernetes.kinds import Place
from rollout.routers.kubernetes.manifest import Manifest
from rollout.routers.kubernetes.replicas import TOTAL_ANNOTATION, ReplicaRouter
from rollout.routers.router import Change, RouterError, UnderWayError
from tests.kube.cluster import KubeCluster, Room, deployment, set_weight

STABLE, CANARY = "backend-v1", "backend-v2"

pytestmark = pytest.mark.usefixtures("own_kube")


def router(
    room: Room, *, total: int = 0, limit_s: float = 10.0, cluster: Cluster | None = None
) -> ReplicaRouter:
    return ReplicaRouter(
        cluster or room.cluster,
        namespace=room.namespace,
        stable=STABLE,
        canary=CANARY,
        total=total,
        ready_limit_s=limit_s,
    )


def start(room: Room, stable: int, canary: int) -> None:
    room.create(deployment(STABLE, stable), deployment(CANARY, canary))


def wanted(room: Room) -> tuple[int, int]:
    both = [room.fields("deployment", name, "{.spec.replicas}") for name in (STABLE, CANARY)]
    return int(both[0]), int(both[1])


class Controller:
    """Makes all pods ready at once, as a Deployment's controller reports it, and keeps a log.

    Attributes:
        log: (name, replicas) of each state that was seen, in order.
    """

    def __init__(self, kube: KubeCluster, room: Room) -> None:
        self.log: list[tuple[str, int]] = []
        self._room = room
        self._cluster = kube.connect(room.namespace)
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._serve, args=(name,)) for name in (STABLE, CANARY)
        ]

    @contextmanager
    def running(self) -> Iterator[Controller]:
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()
            self._cluster.close()

    def _serve(self, name: str) -> None:
        place = self._room.deployment(name)
        seen = self._cluster.get(place)
        while not self._stop.is_set():
            self._report(seen)
            for seen in self._cluster.later(place, seen.version, within_s=0.2):  # noqa: B020
                self._report(seen)

    def _report(self, seen: Manifest) -> None:
        replicas = seen.whole("spec", "replicas")
        state = (seen.name, replicas)
        if state not in self.log[-1:]:
            self.log.append(state)
        if not seen.is_observed or seen.whole("status", "readyReplicas") != replicas:
            report_ready(self._cluster, self._room, seen, replicas)


def report_ready(cluster: Cluster, room: Room, seen: Manifest, ready: int) -> None:
    status = {
        "observedGeneration": seen.whole("metadata", "generation"),
        "replicas": seen.whole("spec", "replicas"),
        "readyReplicas": ready,
        "availableReplicas": ready,
        "updatedReplicas": seen.whole("spec", "replicas"),
    }
    place = Place(
        kind=room.deployment("").kind, namespace=room.namespace, name=f"{seen.name}/status"
    )
    cluster.patch(place, {"status": status}, PatchKind.MERGE)


def test_a_rollout_and_back(own_kube: KubeCluster, room: Room) -> None:
    """Up before down, in both directions, and nothing is left behind at the end."""
    start(room, 4, 0)
    pods = router(room)
    assert pods.nearest(5) == 25
    with Controller(own_kube, room).running() as controller:
        for percent, expected in ((5, (3, 1)), (50, (2, 2)), (100, (0, 4)), (0, (4, 0))):
            controller.log.clear()
            set_weight(pods, percent)
            assert wanted(room) == expected
            assert pods.get() == 25 * expected[1]
            assert pods.changed_by() == ""
    assert room.fields("deployment", CANARY, "{.metadata.annotations}") in ("", "{}")


class Watched(Cluster):
    """A connection that keeps a log of the numbers of pods that were asked for."""

    log: list[tuple[str, object]]

    def patch(
        self, place: Place, body: object, kind: PatchKind, *, changes_nothing: bool = False
    ) -> Manifest:
        replicas = Manifest(body if isinstance(body, dict) else {}).at("spec", "replicas")
        if replicas is not None:
            self.log.append((place.name, replicas))
        return super().patch(place, body, kind, changes_nothing=changes_nothing)


def watched(room: Room) -> Watched:
    cluster = Watched(room.cluster._client, context="test", namespace=room.namespace)
    cluster.log = []
    return cluster


def test_it_scales_up_before_it_scales_down(own_kube: KubeCluster, room: Room) -> None:
    start(room, 4, 0)
    cluster = watched(room)
    pods = router(room, cluster=cluster)
    with Controller(own_kube, room).running():
        set_weight(pods, 50)
        set_weight(pods, 0)
    assert cluster.log == [(CANARY, 2), (STABLE, 2), (STABLE, 4), (CANARY, 0)]


def test_nothing_is_scaled_down_before_the_new_pods_are_ready(room: Room) -> None:
    start(room, 4, 0)
    with pytest.raises(RouterError, match=r"backend-v2 in .*: 0 of 2 pods were ready after"):
        set_weight(router(room, limit_s=0.3), 50)
    assert wanted(room) == (4, 2)


def test_a_change_that_was_cut_off_is_finished_by_another_process(
    own_kube: KubeCluster, room: Room
) -> None:
    start(room, 4, 0)
    with pytest.raises(RouterError, match="pods were ready"):
        set_weight(router(room, limit_s=0.2), 25)
    assert wanted(room) == (4, 1)
    assert room.kubectl("get", "deployment", CANARY, "-o", "json").count(TOTAL_ANNOTATION) >= 1
    with Controller(own_kube, room).running():
        set_weight(router(room), 25)
    assert wanted(room) == (3, 1)


def test_the_total_may_be_said(own_kube: KubeCluster, room: Room) -> None:
    start(room, 4, 0)
    with Controller(own_kube, room).running():
        set_weight(router(room, total=10), 10)
    assert wanted(room) == (9, 1)


def test_dry_run_says_what_is_scaled_and_what_is_rounded(room: Room) -> None:
    start(room, 4, 0)
    rounding = "5 % of 4 pods is not possible (0, 25, 50, 75 and 100 % are): it becomes 25 %"
    where = f"in {room.namespace} to"
    assert router(room).changes(5) == (
        Change(
            action=f"scale deployment {CANARY} {where} 1 ({rounding})",
            inverse=f"scale deployment {CANARY} {where} 0",
        ),
        Change(
            action=f"scale deployment {STABLE} {where} 3 ({rounding})",
            inverse=f"scale deployment {STABLE} {where} 4",
        ),
    )
    assert wanted(room) == (4, 0)


def test_who_scaled_meanwhile_is_named(own_kube: KubeCluster, room: Room) -> None:
    start(room, 4, 0)
    pods = router(room)
    assert pods.changed_by() == ""
    with Controller(own_kube, room).running():
        set_weight(pods, 25)
    patch = '{"spec": {"replicas": 8}}'
    arguments = ("patch", "deployment", STABLE, "-p", patch, "--field-manager=autoscaler")
    room.kubectl(*arguments)
    assert pods.changed_by() == "autoscaler"


def test_a_deployment_that_makes_no_progress_is_named_at_once(room: Room) -> None:
    start(room, 4, 0)
    condition = {
        "type": "Progressing",
        "status": "False",
        "reason": "ProgressDeadlineExceeded",
        "message": "image cannot be pulled",
    }
    place = Place(kind=room.deployment("").kind, namespace=room.namespace, name=f"{CANARY}/status")
    status = {"observedGeneration": 3, "conditions": [condition]}
    room.cluster.patch(place, {"status": status}, PatchKind.MERGE)
    with pytest.raises(RouterError, match="makes no progress: image cannot be pulled"):
        set_weight(router(room, total=6), 30)


def test_no_pods_at_all_are_named(room: Room) -> None:
    start(room, 0, 0)
    with pytest.raises(RouterError, match="no pods wanted of either; scale backend-v1 up"):
        set_weight(router(room), 5)


def test_a_missing_deployment_is_named(room: Room) -> None:
    with pytest.raises(ClusterError, match=r"deployments/backend-v1 in .*: 404"):
        router(room).get()


def test_orders_are_not_held_up_by_pods_that_start(room: Room) -> None:
    """A call ends within a second; the next one goes on, or another weight takes its place."""
    start(room, 4, 0)
    pods = router(room, limit_s=60)
    with pytest.raises(UnderWayError, match="0 of 2 pods are ready"):
        pods.set(50)
    assert wanted(room) == (4, 2)
    report_ready(room.cluster, room, room.cluster.get(room.deployment(STABLE)), 4)
    pods.set(0)
    assert wanted(room) == (4, 0)
