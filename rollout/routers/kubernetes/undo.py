"""Goes back to a Deployment's previous revision, as `kubectl rollout undo` does. I/O."""

from __future__ import annotations

from dataclasses import dataclass

from rollout.routers.kubernetes.cluster import Cluster, ClusterError, PatchKind
from rollout.routers.kubernetes.kinds import DEPLOYMENTS, REPLICA_SETS, Place
from rollout.routers.kubernetes.manifest import Manifest
from rollout.routers.kubernetes.revisions import Revision, back_to, is_at, previous, revisions
from rollout.routers.router import RouterError

__all__ = ["Undone", "plan_undo", "undo"]

ATTEMPTS = 5
"""The Deployment's controller writes its status at any time, which is a new version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """Which revision a Deployment went back to.

    Attributes:
        from_revision, to_revision: as `kubectl rollout history` counts them; the server gives
            the template that is put back a new number.
        is_changed: False when it had that template already.
        text: a sentence without a full stop.
    """

    from_revision: int
    to_revision: int
    is_changed: bool
    text: str


def plan_undo(cluster: Cluster, *, namespace: str, deployment: str, to_revision: int = 0) -> Undone:
    """What `undo` would do now, with the same arguments. Asks, changes nothing."""
    place = Place(kind=DEPLOYMENTS, namespace=namespace, name=deployment)
    seen, now, target = _look(cluster, place, to_revision)
    return _undone(place, now.number, target.number, is_changed=not is_at(seen, target))


def undo(cluster: Cluster, *, namespace: str, deployment: str, to_revision: int = 0) -> Undone:
    """Puts the template of an earlier revision back.

    Args:
        cluster: where the Deployment is.
        namespace: of the Deployment.
        deployment: its name.
        to_revision: the one that was planned; 0: the previous one. Naming it makes a second call
            harmless: without, each call goes back from where the last one went.

    Raises:
        RouterError: there is no such revision, or the server refuses.
    """
    place = Place(kind=DEPLOYMENTS, namespace=namespace, name=deployment)
    for _ in range(ATTEMPTS):
        seen, now, target = _look(cluster, place, to_revision)
        if is_at(seen, target):
            return _undone(place, now.number, target.number, is_changed=False)
        try:
            cluster.patch(place, back_to(seen, target), PatchKind.JSON)
        except ClusterError as error:
            if error.code == 422 and cluster.get(place).version == seen.version:
                raise
            if error.code not in (409, 422):
                raise
            continue
        return _undone(place, now.number, target.number, is_changed=True)
    raise RouterError(
        f"{cluster.text}: {place} was changed {ATTEMPTS} times while it was to be undone; "
        f"run `kubectl rollout undo deployment/{deployment} -n {namespace}`"
    )


def _look(cluster: Cluster, place: Place, to_revision: int) -> tuple[Manifest, Revision, Revision]:
    """The Deployment, its present revision and the one to go back to."""
    seen = cluster.get(place)
    known = revisions(seen, cluster.every(Place(kind=REPLICA_SETS, namespace=place.namespace)))
    target: Revision | None = previous(seen, known)
    if to_revision:
        target = next((each for each in known if each.number == to_revision), None)
    if target is None:
        numbers = ", ".join(str(revision.number) for revision in known)
        raise RouterError(
            f"{place}: found no revision {to_revision}, but: {numbers}; see `kubectl rollout "
            f"history deployment/{place.name} -n {place.namespace}`",
            lasting=True,
        )
    return seen, known[0], target


def _undone(place: Place, now: int, target: int, *, is_changed: bool) -> Undone:
    what = (
        f"went back from revision {now} to revision {target}"
        if is_changed
        else f"has the template of revision {target} already"
    )
    return Undone(
        from_revision=now,
        to_revision=target,
        is_changed=is_changed,
        text=f"deployment {place.name} in {place.namespace} {what}",
    )
