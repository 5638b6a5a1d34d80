"""One API server for all tests of this room, and a namespace for each.

$LOADGEN_TEST_KUBECONFIG names a cluster to run them against instead; what needs to kill the
server, or to play its controllers, is then skipped.
"""

from __future__ import annotations

import itertools
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from rollout.routers.kubernetes.cluster import Cluster
from rollout.routers.kubernetes.kinds import Kind, Place
from tests.kube.cluster import HTTP_ROUTE_CRD, KubeCluster, Room
from tests.kube.server import running, why_not

VARIABLE = "LOADGEN_TEST_KUBECONFIG"
NAMESPACES = Kind(group="", version="v1", plural="namespaces")


@pytest.fixture(scope="session")
def kube(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubeCluster]:
    """The cluster, which serves HTTPRoute."""
    if given := os.environ.get(VARIABLE):
        yield _with_routes(KubeCluster(kubeconfig=Path(given), server=None))
        return
    if reason := why_not():
        pytest.skip(reason)
    with running(tmp_path_factory.mktemp("kube")) as server:
        yield _with_routes(KubeCluster(kubeconfig=server.kubeconfig, server=server))


@pytest.fixture(scope="session")
def own_kube(kube: KubeCluster) -> KubeCluster:
    """The cluster, where it is ours alone: without controllers, and free to be killed."""
    if kube.server is None:
        pytest.skip(f"needs an API server of its own, not the one of ${VARIABLE}")
    return kube


@pytest.fixture(scope="session")
def _names() -> Iterator[str]:
    run = secrets.token_hex(3)
    return (f"loadgen-test-{run}-{number}" for number in itertools.count(1))


@pytest.fixture(scope="session")
def _administrator(kube: KubeCluster) -> Iterator[Cluster]:
    """One connection for all tests: each costs a TLS handshake."""
    cluster = kube.connect()
    try:
        yield cluster
    finally:
        cluster.close()


@pytest.fixture
def room(kube: KubeCluster, _administrator: Cluster, _names: Iterator[str]) -> Iterator[Room]:
    """A new namespace."""
    namespace = next(_names)
    _administrator.create(Place(kind=NAMESPACES), {"metadata": {"name": namespace}})
    try:
        yield Room(kube=kube, namespace=namespace, cluster=_administrator)
    finally:
        if kube.server is None:
            kube.kubectl("delete", "namespace", namespace, "--wait=false")


@pytest.fixture
def production(own_kube: KubeCluster, _administrator: Cluster) -> Room:
    """The namespace of the guide; for one test, as no controller would empty it."""
    _administrator.create(Place(kind=NAMESPACES), {"metadata": {"name": "production"}})
    return Room(kube=own_kube, namespace="production", cluster=_administrator)


def _with_routes(kube: KubeCluster) -> KubeCluster:
    """Adds the stand-in of HTTPRoute unless the Gateway API is there, and waits until it is served.

    What was added is left there: another test run may be using it.
    """
    route = "httproutes.gateway.networking.k8s.io"
    if "NotFound" in kube.kubectl("get", "crd", route, check=False):
        kube.kubectl("apply", "-f", str(HTTP_ROUTE_CRD))
    kube.kubectl("wait", "--for=condition=established", "--timeout=30s", f"crd/{route}")
    return kube
