"""The revisions of a Deployment, which are its ReplicaSets, and the patch back to one. Pure.

Source: kubernetes.io, Deployments, "Rolling Back a Deployment": what `kubectl rollout undo` does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rollout.routers.kubernetes.manifest import Manifest
from rollout.routers.router import RouterError

__all__ = ["Revision", "back_to", "is_at", "previous", "revisions"]

REVISION = "deployment.kubernetes.io/revision"
HASH = "pod-template-hash"
"""The controller's own label on each ReplicaSet's pods; a Deployment's template has none."""
OWN_ANNOTATIONS = (
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
)
"""Annotations that belong to an object and not to a revision: they stay as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One template that the Deployment had.

    Attributes:
        number: as `kubectl rollout history` counts.
        template: of its pods, whole.
        annotations: of its ReplicaSet, without those of OWN_ANNOTATIONS.
    """

    number: int
    template: Mapping[str, object]
    annotations: Mapping[str, object]


def revisions(deployment: Manifest, replica_sets: Sequence[Manifest]) -> Sequence[Revision]:
    """The Deployment's revisions, the newest first.

    Args:
        deployment: whose they are.
        replica_sets: of the namespace; those of others are passed over.
    """
    own = [
        each
        for each in replica_sets
        if any(
            owner.text("uid") == deployment.uid and owner.at("controller") is True
            for owner in each.each("metadata", "ownerReferences")
        )
    ]
    found = [revision for each in own if (revision := _revision(each)).number > 0]
    return sorted(found, key=lambda revision: revision.number, reverse=True)


def previous(deployment: Manifest, known: Sequence[Revision]) -> Revision:
    """The revision before the present one.

    Raises:
        RouterError: the Deployment is paused, so that nothing would happen, or it has no
            earlier revision. Lasting.
    """
    if deployment.at("spec", "paused") is True:
        raise RouterError(
            f"deployment {deployment.name} is paused and cannot be undone; "
            f"`kubectl rollout resume deployment/{deployment.name}` first",
            lasting=True,
        )
    if len(known) < 2:
        raise RouterError(
            f"deployment {deployment.name} has no revision to go back to "
            f"(found {len(known)}, expected 2 or more; see spec.revisionHistoryLimit)",
            lasting=True,
        )
    return known[1]


def is_at(deployment: Manifest, revision: Revision) -> bool:
    """The Deployment has this revision's template already."""
    return deployment.at("spec", "template") == revision.template


def back_to(deployment: Manifest, revision: Revision) -> list[dict[str, object]]:
    """The JSON patch that gives the Deployment a revision's template and annotations."""
    now = deployment.mapping("metadata", "annotations")
    kept = {key: value for key, value in now.items() if key in OWN_ANNOTATIONS}
    return [
        {"op": "test", "path": "/metadata/resourceVersion", "value": deployment.version},
        {"op": "replace", "path": "/spec/template", "value": revision.template},
        {
            "op": "add",
            "path": "/metadata/annotations",
            "value": {**revision.annotations, **kept},
        },
    ]


def _revision(replica_set: Manifest) -> Revision:
    number = replica_set.text("metadata", "annotations", REVISION)
    annotations = replica_set.mapping("metadata", "annotations")
    return Revision(
        number=int(number) if number.isdecimal() else 0,
        template=_without_hash(replica_set.mapping("spec", "template")),
        annotations={
            key: value for key, value in annotations.items() if key not in OWN_ANNOTATIONS
        },
    )


def _without_hash(template: Mapping[str, object]) -> Mapping[str, object]:
    metadata = Manifest(template).mapping("metadata")
    labels = Manifest(metadata).mapping("labels")
    kept = {key: value for key, value in labels.items() if key != HASH}
    return {**template, "metadata": {**metadata, "labels": kept}}
