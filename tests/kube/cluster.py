"""A cluster as the tests see it: kubectl as the judge beside the code, and objects to work on."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from rollout.routers.kubernetes.access import connect
from rollout.routers.kubernetes.cluster import Cluster
from rollout.routers.kubernetes.kinds import DEPLOYMENTS, HTTP_ROUTES, Place
from rollout.routers.kubernetes.kubeconfig import read_login
from rollout.routers.router import Router, UnderWayError
from tests.kube.server import ApiServer

__all__ = ["HTTP_ROUTE_CRD", "KubeCluster", "Room", "deployment", "http_route", "set_weight"]

HTTP_ROUTE_CRD = Path(__file__).with_name("httproute-crd.yaml")
"""A stand-in for the Gateway API's HTTPRoute, for clusters that have none."""
Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class KubeCluster:
    """The cluster that the tests run against.

    Attributes:
        kubeconfig: of someone who may do everything.
        server: None when it is not ours, so that it cannot be killed or have no controllers.
    """

    kubeconfig: Path
    server: ApiServer | None

    def kubectl(self, *arguments: str, given: str = "", check: bool = True) -> str:
        """What kubectl prints; `given` is its standard input."""
        done = subprocess.run(
            ["kubectl", "--kubeconfig", str(self.kubeconfig), *arguments],
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout if check else done.stdout + done.stderr

    def connect(self, namespace: str = "") -> Cluster:
        """A connection of the code under test; whoever asks for it closes it."""
        return connect(read_login(kubeconfig=str(self.kubeconfig)), namespace=namespace)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A namespace of one test, and the administrator's connection to it."""

    kube: KubeCluster
    namespace: str
    cluster: Cluster

    def kubectl(self, *arguments: str, given: str = "", check: bool = True) -> str:
        """What kubectl prints in this namespace."""
        return self.kube.kubectl("-n", self.namespace, *arguments, given=given, check=check)

    def create(self, *objects: Fields) -> None:
        """Adds Deployments and HTTPRoutes."""
        kinds = {"Deployment": DEPLOYMENTS, "HTTPRoute": HTTP_ROUTES}
        for each in objects:
            kind = kinds[str(each["kind"])]
            self.cluster.create(Place(kind=kind, namespace=self.namespace), each)

    def fields(self, kind: str, name: str, path: str) -> str:
        """What kubectl reads at a JSONPath of an object."""
        return self.kubectl("get", kind, name, "-o", f"jsonpath={path}")

    def route(self, name: str = "backend") -> Place:
        """Where a route of this namespace is."""
        return Place(kind=HTTP_ROUTES, namespace=self.namespace, name=name)

    def deployment(self, name: str) -> Place:
        """Where a Deployment of this namespace is."""
        return Place(kind=DEPLOYMENTS, namespace=self.namespace, name=name)

    def account(self, name: str, role: str, folder: Path) -> Path:
        """A kubeconfig of a service account that may only do what a Role allows.

        Args:
            name: of the account.
            role: a Role as YAML, as `role_yaml` prints it; "": nothing at all.
            folder: for the kubeconfig.
        """
        self.kubectl("create", "serviceaccount", name)
        if role:
            self.kubectl("apply", "-f", "-", given=role)
            role_name = yaml.safe_load(role)["metadata"]["name"]
            account = f"--serviceaccount={self.namespace}:{name}"
            self.kubectl("create", "rolebinding", name, f"--role={role_name}", account)
        # By the API: `kubectl create token` is newer than Debian's kubectl.
        path = f"/api/v1/namespaces/{self.namespace}/serviceaccounts/{name}/token"
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        answer = self.kubectl("create", "--raw", path, "-f", "-", given=json.dumps(request))
        config = yaml.safe_load(self.kube.kubeconfig.read_text())
        config["users"] = [{"name": name, "user": {"token": json.loads(answer)["status"]["token"]}}]
        for context in config["contexts"]:
            context["context"]["user"] = name
        kubeconfig = folder / f"{name}.kubeconfig"
        kubeconfig.write_text(yaml.safe_dump(config))
        return kubeconfig


def http_route(*rules: Sequence[Fields], name: str = "backend") -> Fields:
    """An HTTPRoute; each rule by its backendRefs."""
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": name},
        "spec": {
            "parentRefs": [{"name": "edge"}],
            "rules": [{"backendRefs": list(references)} for references in rules],
        },
    }


def deployment(name: str, replicas: int, *, image: str = "registry.example/backend:1") -> Fields:
    """A Deployment of pods with the label app=NAME."""
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "app", "image": image}]},
            },
        },
    }


def set_weight(router: Router, weight_percent: float) -> None:
    """Sets a weight to the end, however many calls that takes."""
    while True:
        try:
            return router.set(weight_percent)
        except UnderWayError:
            continue
