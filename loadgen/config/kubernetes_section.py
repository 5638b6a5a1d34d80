"""The routers of Kubernetes in loadgen.yml: a route, or two Deployments, of a cluster. Pure."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from loadgen.config import fields as field
from loadgen.config.section import Section

__all__ = ["GatewayRouter", "KubernetesOptions", "ReplicasRouter"]

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
"""RFC 1123: what may stand in a path of the API."""


def _object_name() -> AfterValidator:
    def check(value: str) -> str:
        if not _NAME.fullmatch(value):
            raise ValueError(
                f"found {value!r}, expected the name of an object: a-z, 0-9, '-' and '.'"
            )
        return value

    return AfterValidator(check)


Name = Annotated[str, field.text("the name of an object"), _object_name()]


class KubernetesOptions(Section):
    """What both kinds have in common."""

    namespace: Name | None = Field(
        default=None, description="Where it is; --namespace, or the context's, when not given."
    )
    kubeconfig: Annotated[str | None, field.text("the name of a file")] = Field(
        default=None,
        description="How to get to the cluster; without, as kubectl: $KUBECONFIG, "
        "~/.kube/config, and inside a pod its service account.",
    )
    context: Annotated[str | None, field.text("the name of a context")] = Field(
        default=None, description="Of the kubeconfig; its current one when not given."
    )
    events: Annotated[bool, field.switch()] = Field(
        default=True,
        description="Tell the rollout's story as events of the Deployment --deployment.",
    )


class GatewayRouter(KubernetesOptions):
    """Gateway API: the weights of two services in an HTTPRoute."""

    kind: Literal["gateway-api"]
    route: Name = Field(description="The HTTPRoute; its rules with both services are weighed.")
    stable: Name = Field(description="Service of the stable version, such as backend-v1.")
    canary: Name | None = Field(
        default=None, description="Service of the canary; named as --deployment when not given."
    )


class ReplicasRouter(KubernetesOptions):
    """Pods of two Deployments that one Service selects: whole pods only."""

    kind: Literal["replicas"]
    stable: Name = Field(description="Deployment of the stable version, such as backend-v1.")
    canary: Name | None = Field(
        default=None, description="Deployment of the canary; --deployment when not given."
    )
    pods: Annotated[int | None, field.whole(1, 10_000)] = Field(
        default=None, description="Of both together; as many as there are when not given."
    )
    ready_timeout: Annotated[float, field.duration(1, 3600)] = Field(
        default=120.0, description="Longest wait for pods to become ready, for each change."
    )
