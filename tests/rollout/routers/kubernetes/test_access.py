"""The ways to a real API server: token, in-cluster account, certificates that do not fit."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
import trustme

from rollout.routers.kubernetes.access import connect
from rollout.routers.kubernetes.kinds import Kind, Place
from rollout.routers.kubernetes.kubeconfig import Login, read_login
from rollout.routers.router import RouterError
from tests.kube.cluster import KubeCluster, Room


def version(login: Login) -> str:
    cluster = connect(login)
    try:
        return cluster.read("/version").text("major")
    finally:
        cluster.close()


def test_a_kubeconfig_leads_to_the_cluster(kube: KubeCluster) -> None:
    login = read_login(kubeconfig=str(kube.kubeconfig))
    assert version(login) == "1"
    cluster = connect(login, namespace="shop")
    cluster.close()
    assert cluster.namespace == "shop"
    assert cluster.text == f"{login.cluster['server']} (context {login.context})"


def test_a_service_account_in_its_pod(own_kube: KubeCluster, room: Room, tmp_path: Path) -> None:
    """The files that a kubelet would mount, with a token that the server itself gave."""
    server = own_kube.server
    assert server is not None
    account = read_login(kubeconfig=str(room.account("runner", "", tmp_path)))
    (tmp_path / "token").write_text(str(account.user["token"]))
    (tmp_path / "namespace").write_text(room.namespace)
    (tmp_path / "ca.crt").write_bytes(server.ca_file.read_bytes())
    login = read_login(
        environment={
            "HOME": str(tmp_path),
            "KUBERNETES_SERVICE_HOST": "127.0.0.1",
            "KUBERNETES_SERVICE_PORT": str(server.port),
        },
        service_account=tmp_path,
    )
    assert login.namespace == room.namespace
    assert version(login) == "1"
    cluster = connect(login)
    try:
        with pytest.raises(RouterError, match=rf'403, .*"system:serviceaccount:{room.namespace}:'):
            cluster.get(room.deployment("backend"))
    finally:
        cluster.close()


@pytest.mark.parametrize("is_inline", [False, True])
def test_a_client_certificate(own_kube: KubeCluster, tmp_path: Path, *, is_inline: bool) -> None:
    """As kind and minikube write it (inline), and as kubeadm may (files)."""
    server = own_kube.server
    assert server is not None
    # With a name of a host: the server refuses a certificate whose list of names is empty.
    issued = server.authority.issue_cert(
        "ann.example", common_name="ann", organization_name="system:masters"
    )
    parts = {"certificate": issued.cert_chain_pems[0], "key": issued.private_key_pem}
    user: dict[str, object] = {}
    for name, pem in parts.items():
        pem.write_to_path(str(tmp_path / name))
        text = base64.b64encode(pem.bytes()).decode()
        user |= (
            {f"client-{name}-data": text} if is_inline else {f"client-{name}": str(tmp_path / name)}
        )
    login = read_login(kubeconfig=str(own_kube.kubeconfig))
    cluster = connect(Login(context="ann", namespace="default", cluster=login.cluster, user=user))
    try:
        assert cluster.every(Place(kind=Kind(group="", version="v1", plural="namespaces")))
    finally:
        cluster.close()


def test_a_server_that_is_another_one_is_not_trusted(kube: KubeCluster, tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.crt"))
    login = read_login(kubeconfig=str(kube.kubeconfig))
    stranger = Login(
        context=login.context,
        namespace="default",
        cluster={
            "server": login.cluster["server"],
            "certificate-authority": str(tmp_path / "other.crt"),
        },
        user=login.user,
    )
    with pytest.raises(RouterError, match="certificate"):
        version(stranger)


@pytest.mark.parametrize(
    ("cluster", "user"),
    [
        ({"server": "https://a.example", "certificate-authority": "/nonexistent/ca.crt"}, {}),
        ({"server": ["https://a.example"]}, {}),
        ({"server": "https://a.example"}, {"token": 5}),
    ],
)
def test_what_cannot_be_used_is_said(cluster: dict[str, object], user: dict[str, object]) -> None:
    with pytest.raises(RouterError, match="context shop cannot be used") as caught:
        connect(Login(context="shop", namespace="default", cluster=cluster, user=user))
    assert caught.value.lasting
