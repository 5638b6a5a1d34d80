"""Deployments with a history, as their controller would leave them behind."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rollout.routers.kubernetes.kinds import REPLICA_SETS, Place
from tests.kube.cluster import Room, deployment

__all__ = ["IMAGES", "with_history"]

IMAGES = ["registry.example/b:1", "registry.example/b:2", "registry.example/b:3"]
REVISION = "deployment.kubernetes.io/revision"


def with_history(room: Room, name: str, images: Sequence[str]) -> None:
    """A Deployment with a ReplicaSet for each image, as its controller would leave them."""
    room.create(deployment(name, 2, image=images[-1]))
    owner = room.cluster.get(room.deployment(name))
    template = json.loads(json.dumps(owner.at("spec", "template")))
    for number, image in enumerate(images, start=1):
        template["spec"]["containers"][0]["image"] = image
        labels = {"app": name, "pod-template-hash": f"h{number}"}
        template["metadata"]["labels"] = labels
        room.cluster.create(
            Place(kind=REPLICA_SETS, namespace=room.namespace),
            {
                "metadata": {
                    "name": f"{name}-h{number}",
                    "labels": labels,
                    "annotations": {
                        REVISION: str(number),
                        "deployment.kubernetes.io/desired-replicas": "2",
                        "kubernetes.io/change-cause": f"image {image}",
                    },
                    "ownerReferences": [
                        {
                            "apiVersion": "apps/v1",
                            "kind": "Deployment",
                            "name": name,
                            "uid": owner.uid,
                            "controller": True,
                        }
                    ],
                },
                "spec": {"selector": {"matchLabels": labels}, "template": template},
            },
        )
    room.kubectl(
        "annotate",
        "deployment",
        name,
        f"{REVISION}={len(images)}",
        f"kubernetes.io/change-cause=image {images[-1]}",
    )
