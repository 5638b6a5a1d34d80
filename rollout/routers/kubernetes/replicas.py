"""Replica ratio: the canary's share as its part of the pods of two Deployments. I/O.

For clusters without a gateway: one Service selects the pods of both versions.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from rollout.routers.kubernetes import pods
from rollout.routers.kubernetes.cluster import Cluster, ClusterError, PatchKind
from rollout.routers.kubernetes.kinds import DEPLOYMENTS, Place
from rollout.routers.kubernetes.manifest import Manifest, writer_of
from rollout.routers.kubernetes.patience import Patience
from rollout.routers.kubernetes.pods import Pods
from rollout.routers.router import Change, RouterError, Served, UnderWayError

__all__ = ["TOTAL_ANNOTATION", "ReplicaRouter"]

TOTAL_ANNOTATION = "loadgen-rollout-pods"
"""On the canary's Deployment during a rollout: the pods of both versions together. A rollout that
was killed between scaling up and scaling down finds there what it was about to reach."""
READY_LIMIT_S = 120.0
ATTEMPTS = 5
SLICE_S = 0.5
"""Longest wait within one call: orders of people are looked at between two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One version's Deployment as it was read, and its wanted number of pods."""

    place: Place
    seen: Manifest
    wanted: int

    @property
    def present(self) -> int:
        return _replicas(self.seen)


class ReplicaRouter:
    """Two Deployments whose pods share the traffic evenly.

    Args:
        cluster: where they are.
        namespace: of both.
        stable, canary: names of the Deployments.
        total: pods of both together; 0: as many as there are before the rollout.
        ready_limit_s: longest wait for pods to become ready, for each change.
    """

    def __init__(
        self,
        cluster: Cluster,
        *,
        namespace: str,
        stable: str,
        canary: str,
        total: int = 0,
        ready_limit_s: float = READY_LIMIT_S,
    ) -> None:
        self._cluster = cluster
        self._stable = Place(kind=DEPLOYMENTS, namespace=namespace, name=stable)
        self._canary = Place(kind=DEPLOYMENTS, namespace=namespace, name=canary)
        self._configured = total
        self._ready_limit_s = ready_limit_s
        self._done: Pods | None = None
        self._known_total = 0
        self._patience = Patience(limit_s=ready_limit_s)

    @property
    def text(self) -> str:
        """Which Deployments, and where."""
        return (
            f"pods of {self._stable.name} and {self._canary.name} in {self._stable.namespace}, "
            f"{self._cluster.text}"
        )

    def nearest(self, weight_percent: float) -> float:
        """Whole pods only; `pods.possible_text` says which shares there are.

        By the number of pods as it was seen last: asked only when it has not been seen yet.
        """
        return pods.nearest(weight_percent, self._known_total or self._total(*self._read()))

    def changes(self, weight_percent: float) -> tuple[Change, ...]:
        """What is scaled, in order, the rounding beside it."""
        total = self._total(*self._read())
        rounding = pods.possible_text(weight_percent, total)
        return tuple(
            Change(
                action=_described(side, side.wanted) + (f" ({rounding})" if rounding else ""),
                inverse=_described(side, side.present),
            )
            for side in self._sides(pods.target(weight_percent, total))
            if side.wanted != side.present
        )

    def get(self) -> float:
        """By the wanted numbers of pods, so that one that restarts is no other share."""
        stable, canary = self._read()
        self._total(stable, canary)
        return _pods(stable, canary).canary_percent

    def set(self, weight_percent: float) -> None:
        """Scales up, waits for the new pods to be ready, then scales down.

        A change that is not finished keeps more pods than needed, never fewer; pods that are not
        ready get no traffic.

        Raises:
            UnderWayError: the new pods are not ready yet; each call waits for SLICE_S at most.
            RouterError: refused, no pods at all, or not ready in time (lasting: it was long
                enough).
        """
        total = self._total(*self._read())
        wanted = pods.target(weight_percent, total)
        self._record(total)
        for side in self._sides(wanted):
            if side.wanted != side.present:
                self._change(side.place, {"spec": {"replicas": side.wanted}})
            if side.wanted:
                self._await_ready(side.place, side.wanted, weight_percent)
        self._patience.end()
        if 0 in (wanted.stable, wanted.canary):
            self._record(None)
        self._done = wanted

    def verify(self) -> Served | None:
        """None: an API server sees no traffic."""
        return None

    def changed_by(self) -> str:
        """Who changed the number of pods since `set`, an autoscaler for example."""
        if self._done is None:
            return ""
        stable, canary = self._read()
        for seen, wanted in ((stable, self._done.stable), (canary, self._done.canary)):
            if _replicas(seen) != wanted:
                return writer_of(seen, "spec", "replicas") or "an unknown field manager"
        return ""

    def _read(self) -> tuple[Manifest, Manifest]:
        return self._cluster.get(self._stable), self._cluster.get(self._canary)

    def _total(self, stable: Manifest, canary: Manifest) -> int:
        total = pods.total_pods(
            _pods(stable, canary), recorded=_recorded(canary), configured=self._configured
        )
        if total == 0:
            raise RouterError(
                f"{self.text}: found no pods wanted of either; scale {self._stable.name} up, or "
                "say by `pods` of the router how many both have together",
                lasting=True,
            )
        self._known_total = total
        return total

    def _sides(self, wanted: Pods) -> list[_Side]:
        """Both versions, the one that grows first."""
        stable, canary = self._read()
        both = [
            _Side(place=self._stable, seen=stable, wanted=wanted.stable),
            _Side(place=self._canary, seen=canary, wanted=wanted.canary),
        ]
        return sorted(both, key=lambda side: side.present - side.wanted)

    def _record(self, total: int | None) -> None:
        """Writes the number of pods beside the canary, or takes it away."""
        if _recorded(self._cluster.get(self._canary)) == (total or 0):
            return
        value = None if total is None else str(total)
        self._change(self._canary, {"metadata": {"annotations": {TOTAL_ANNOTATION: value}}})

    def _change(self, place: Place, patch: Mapping[str, object]) -> None:
        """A merge patch; the server merges anew when someone else was faster, a few times."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._cluster.patch(place, patch, PatchKind.MERGE)
                return
            except ClusterError as error:
                if error.code != 409 or attempt == ATTEMPTS:
                    raise

    def _await_ready(self, place: Place, wanted: int, weight_percent: float) -> None:
        left_s = self._patience.left_s(weight_percent, time.monotonic())
        last, is_ready = self._cluster.wait(
            place, lambda seen: self._is_ready(seen, wanted), limit_s=min(SLICE_S, left_s)
        )
        if is_ready:
            return
        ready = f"{last.whole('status', 'readyReplicas')} of {wanted} pods"
        if left_s > SLICE_S:
            raise UnderWayError(f"{self._cluster.text}: {place}: {ready} are ready")
        self._patience.end()
        raise RouterError(
            f"{self._cluster.text}: {place}: {ready} were ready after {self._ready_limit_s:g} s; "
            f"see `kubectl describe deployment {place.name} -n {place.namespace}`, or allow more "
            "by `ready_timeout` of the router",
            lasting=True,
        )

    def _is_ready(self, seen: Manifest, wanted: int) -> bool:
        for condition in seen.each("status", "conditions"):
            if condition.text("reason") == "ProgressDeadlineExceeded" and seen.is_observed:
                raise RouterError(
                    f"{self._cluster.text}: deployment {seen.name} makes no progress: "
                    f"{condition.text('message')}"
                )
        return seen.is_observed and seen.whole("status", "readyReplicas") >= wanted


def _replicas(deployment: Manifest) -> int:
    return deployment.whole("spec", "replicas", default=1)


def _pods(stable: Manifest, canary: Manifest) -> Pods:
    return Pods(stable=_replicas(stable), canary=_replicas(canary))


def _recorded(canary: Manifest) -> int:
    text = canary.text("metadata", "annotations", TOTAL_ANNOTATION)
    return int(text) if text.isdecimal() else 0


def _described(side: _Side, replicas: int) -> str:
    return f"scale deployment {side.place.name} in {side.place.namespace} to {replicas}"
