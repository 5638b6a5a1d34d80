"""What this cluster can do: its version, and which version of HTTPRoute it serves. I/O."""

from __future__ import annotations

from dataclasses import replace

from rollout.routers.kubernetes.cluster import Cluster, ClusterError
from rollout.routers.kubernetes.kinds import HTTP_ROUTES, Kind
from rollout.routers.router import RouterError

__all__ = ["find_routes", "server_version"]

ROUTE_VERSIONS = ("v1", "v1beta1")
"""The same two fields in both; the newer is preferred."""


def server_version(cluster: Cluster) -> str:
    """The server's version, such as "v1.31.2"; the first request, so it tells who answers.

    Raises:
        RouterError: nobody answers, or not as an API server does.
    """
    version = cluster.read("/version").text("gitVersion")
    if not version:
        raise RouterError(
            f"{cluster.text}: answers, but tells no version; expected a Kubernetes API server",
            lasting=True,
        )
    return version


def find_routes(cluster: Cluster) -> Kind:
    """HTTPRoute in the newest version that the cluster serves.

    Raises:
        RouterError: it knows no Gateway API, or no version of it that is known here. Lasting.
    """
    try:
        group = cluster.read(f"/apis/{HTTP_ROUTES.group}")
    except ClusterError as error:
        if error.code != 404:
            raise
        raise RouterError(
            f"{cluster.text}: it serves no {HTTP_ROUTES.group}, so there is no HTTPRoute to set "
            "weights of; install the Gateway API, or use the router `replicas`",
            lasting=True,
        ) from error
    served = [each.text("version") for each in group.each("versions")]
    for version in ROUTE_VERSIONS:
        kind = replace(HTTP_ROUTES, version=version)
        if version in served and _has_routes(cluster, kind):
            return kind
    raise RouterError(
        f"{cluster.text}: it serves {HTTP_ROUTES.group} in {', '.join(served)}, but HTTPRoute in "
        f"none of {', '.join(ROUTE_VERSIONS)}; install the Gateway API's HTTPRoute",
        lasting=True,
    )


def _has_routes(cluster: Cluster, kind: Kind) -> bool:
    resources = cluster.read(kind.api).each("resources")
    return any(resource.text("name") == kind.plural for resource in resources)
