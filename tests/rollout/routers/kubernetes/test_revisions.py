"""Revisions of a Deployment and the patch back to one; test_undo.py has kubectl as judge."""

from __future__ import annotations

import pytest

from rollout.routers.kubernetes.manifest import Manifest
from rollout.routers.kubernetes.revisions import back_to, is_at, previous, revisions
from rollout.routers.router import RouterError

TEMPLATE = {"metadata": {"labels": {"app": "b"}}, "spec": {"containers": [{"image": "b:2"}]}}


def deployment(**spec: object) -> Manifest:
    return Manifest(
        {
            "metadata": {
                "name": "backend",
                "uid": "d-1",
                "resourceVersion": "9",
                "annotations": {"deployment.kubernetes.io/revision": "7", "note": "new"},
            },
            "spec": {"template": TEMPLATE, **spec},
        }
    )


def replica_set(number: str, image: str, *, owner: str = "d-1") -> Manifest:
    labels = {"app": "b", "pod-template-hash": number}
    return Manifest(
        {
            "metadata": {
                "annotations": {
                    "deployment.kubernetes.io/revision": number,
                    "deployment.kubernetes.io/max-replicas": "5",
                    "note": f"of {number}",
                },
                "ownerReferences": [{"uid": owner, "controller": True}],
            },
            "spec": {
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {"containers": [{"image": image}]},
                }
            },
        }
    )


SETS = [
    replica_set("9", "b:1"),
    replica_set("10", "b:2"),
    replica_set("2", "b:0"),
    replica_set("11", "other:1", owner="d-2"),
    replica_set("", "odd:1"),
]


def test_the_newest_comes_first_by_number() -> None:
    """10 is after 9, which a sorting by letters would not know."""
    assert [each.number for each in revisions(deployment(), SETS)] == [10, 9, 2]


def test_the_previous_one_is_gone_back_to() -> None:
    known = revisions(deployment(), SETS)
    before = previous(deployment(), known)
    assert before.number == 9
    assert is_at(deployment(), known[0])
    assert not is_at(deployment(), before)
    assert back_to(deployment(), before) == [
        {"op": "test", "path": "/metadata/resourceVersion", "value": "9"},
        {
            "op": "replace",
            "path": "/spec/template",
            "value": {
                "metadata": {"labels": {"app": "b"}},
                "spec": {"containers": [{"image": "b:1"}]},
            },
        },
        {
            "op": "add",
            "path": "/metadata/annotations",
            "value": {"note": "of 9", "deployment.kubernetes.io/revision": "7"},
        },
    ]


def test_what_cannot_be_undone_is_said() -> None:
    known = revisions(deployment(), SETS)
    with pytest.raises(RouterError, match="paused and cannot be undone"):
        previous(deployment(paused=True), known)
    with pytest.raises(RouterError, match="found 1, expected 2 or more"):
        previous(deployment(), known[:1])
