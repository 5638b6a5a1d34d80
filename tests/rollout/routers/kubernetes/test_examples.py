"""examples/kubernetes: the API server accepts the manifests, and they fit together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter

from loadgen.config.kubernetes_section import GatewayRouter
from loadgen.config.router_section import RouterOptions
from rollout.routers.kubernetes.access import connect
from rollout.routers.kubernetes.kubeconfig import read_login
from rollout.routers.kubernetes.rights import needs_of, require, role_yaml
from tests.kube.cluster import Room

FOLDER = Path(__file__).resolve().parents[4] / "examples" / "kubernetes"


def manifests(name: str) -> dict[str, Any]:
    """The objects of a file, by their kind."""
    return {each["kind"]: each for each in yaml.safe_load_all((FOLDER / name).read_text())}


def settings() -> Mapping[str, Any]:
    """The loadgen.yml of the Job."""
    config = yaml.safe_load(manifests("job.yaml")["ConfigMap"]["data"]["loadgen.yml"])
    assert isinstance(config, dict)
    return config


def router() -> GatewayRouter:
    adapter: TypeAdapter[RouterOptions] = TypeAdapter(RouterOptions)
    options = adapter.validate_python(settings()["rollout"]["router"])
    assert isinstance(options, GatewayRouter)
    return options


@pytest.mark.parametrize("name", ["rbac.yaml", "job.yaml"])
def test_the_api_server_accepts_it(room: Room, name: str) -> None:
    """By server-side dry run: defaults, validation and admission, and nothing is kept."""
    text = (
        (FOLDER / name).read_text().replace("namespace: production", f"namespace: {room.namespace}")
    )
    kinds = [each["kind"] for each in yaml.safe_load_all(text)]
    created = room.kubectl("create", "--dry-run=server", "-f", "-", "-o", "name", given=text)
    assert len(created.split()) == len(kinds)
    assert room.kubectl("get", "configmap,job,role,pvc", "-o", "name").count("loadgen") == 0


def test_the_role_is_the_one_that_is_printed_for_its_router() -> None:
    needs = needs_of(router(), deployment="backend-v2", undo=True)
    printed = role_yaml(needs, name="loadgen-rollout", namespace="production")
    assert manifests("rbac.yaml")["Role"] == yaml.safe_load(printed)


def test_the_jobs_account_may_do_what_the_job_does(room: Room, tmp_path: Path) -> None:
    role = role_yaml(
        needs_of(router(), deployment="backend-v2", undo=True),
        name="loadgen-rollout",
        namespace=room.namespace,
    )
    cluster = connect(read_login(kubeconfig=str(room.account("job", role, tmp_path))))
    try:
        require(cluster, room.namespace, needs_of(router(), deployment="backend-v2", undo=True))
    finally:
        cluster.close()


def test_names_agree() -> None:
    job, rbac = manifests("job.yaml"), manifests("rbac.yaml")
    pod = job["Job"]["spec"]["template"]["spec"]
    assert pod["serviceAccountName"] == rbac["ServiceAccount"]["metadata"]["name"]
    assert rbac["RoleBinding"]["subjects"][0]["name"] == pod["serviceAccountName"]
    assert rbac["RoleBinding"]["roleRef"]["name"] == rbac["Role"]["metadata"]["name"]
    volumes = {each["name"]: each for each in pod["volumes"]}
    assert volumes["config"]["configMap"]["name"] == job["ConfigMap"]["metadata"]["name"]
    claim = volumes["state"]["persistentVolumeClaim"]["claimName"]
    assert claim == job["PersistentVolumeClaim"]["metadata"]["name"]
    mounted = {each["name"] for each in pod["containers"][0]["volumeMounts"]}
    assert mounted == set(volumes)
