"""Objects read by path, and who wrote a field."""

from __future__ import annotations

from rollout.routers.kubernetes.manifest import Manifest, writer_of

DEPLOYMENT = Manifest(
    {
        "metadata": {
            "name": "backend-v2",
            "uid": "1-2",
            "resourceVersion": "77",
            "generation": 3,
            "managedFields": [
                {
                    "manager": "kubectl",
                    "time": "2026-01-01T10:00:00Z",
                    "fieldsV1": {"f:spec": {"f:replicas": {}, "f:template": {}}},
                },
                {
                    "manager": "kube-controller-manager",
                    "time": "2026-01-01T11:00:00Z",
                    "fieldsV1": {"f:spec": {"f:replicas": {}}},
                },
                {
                    "manager": "someone",
                    "time": "2026-01-01T12:00:00Z",
                    "fieldsV1": {"f:metadata": {"f:labels": {}}},
                },
            ],
        },
        "spec": {"replicas": 4, "list": [{"a": 1}, "odd"]},
        "status": {"observedGeneration": 2},
    }
)


def test_what_is_missing_is_empty() -> None:
    assert DEPLOYMENT.at("spec", "replicas", "deeper") is None
    assert DEPLOYMENT.text("spec", "replicas") == ""
    assert DEPLOYMENT.whole("spec", "paused", default=7) == 7
    assert DEPLOYMENT.mapping("spec", "list") == {}
    assert DEPLOYMENT.each("spec", "replicas") == []
    assert [dict(each.fields) for each in DEPLOYMENT.each("spec", "list")] == [{"a": 1}, {}]


def test_what_every_object_has() -> None:
    assert (DEPLOYMENT.name, DEPLOYMENT.uid, DEPLOYMENT.version) == ("backend-v2", "1-2", "77")
    assert not DEPLOYMENT.is_observed
    assert Manifest(
        {"metadata": {"generation": 2}, "status": {"observedGeneration": 2}}
    ).is_observed


def test_the_last_writer_of_a_field_is_named() -> None:
    assert writer_of(DEPLOYMENT, "spec", "replicas") == "kube-controller-manager"
    assert writer_of(DEPLOYMENT, "spec", "template") == "kubectl"
    assert writer_of(DEPLOYMENT, "spec", "rules") == ""
