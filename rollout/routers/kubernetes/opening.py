"""Opens a router of Kubernetes by its settings, once all is found to be there and allowed. I/O.

Needs the extra `k8s`; whoever chooses a router imports this module only for these kinds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from loadgen.config.kubernetes_section import GatewayRouter as GatewaySection
from loadgen.config.kubernetes_section import KubernetesOptions, ReplicasRouter
from rollout.routers.kubernetes.access import connect
from rollout.routers.kubernetes.cluster import Cluster
from rollout.routers.kubernetes.discovery import find_routes, server_version
from rollout.routers.kubernetes.events import DeploymentEvents
from rollout.routers.kubernetes.gateway import GatewayRouter
from rollout.routers.kubernetes.kinds import HTTP_ROUTES, Place
from rollout.routers.kubernetes.kubeconfig import read_login
from rollout.routers.kubernetes.replicas import ReplicaRouter
from rollout.routers.kubernetes.rights import needs_of, require
from rollout.routers.router import Router, RouterError

__all__ = ["Opened", "open_cluster", "open_router"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A router that is ready, and what else its cluster is good for.

    Attributes:
        router: may do all that it needs.
        cluster: whose connections it uses; whoever opened it closes it.
        events: where the rollout's story is told; None: nowhere.
    """

    router: Router
    cluster: Cluster
    events: DeploymentEvents | None


def open_cluster(options: KubernetesOptions, *, namespace: str) -> Cluster:
    """The cluster of some settings; asked for its version, so that it is known to be there.

    Args:
        options: of the router.
        namespace: of --namespace; "": as the options or the context say.

    Raises:
        RouterError: there is no way to it.
    """
    login = read_login(kubeconfig=options.kubeconfig or "", context=options.context or "")
    cluster = connect(login, namespace=options.namespace or namespace)
    try:
        server_version(cluster)
    except RouterError:
        cluster.close()
        raise
    return cluster


def open_router(
    options: GatewaySection | ReplicasRouter, *, deployment: str, namespace: str = ""
) -> Opened:
    """Finds the cluster, asks what it serves and what we may do there. Changes nothing.

    Args:
        options: of the router.
        deployment: of --deployment; the canary, when the options name none.
        namespace: of --namespace; "": as the options or the context say.

    Raises:
        RouterError: no cluster, no such kind, missing rights, or what is to be weighed is not
            there.
    """
    cluster = open_cluster(options, namespace=namespace)
    try:
        require(cluster, cluster.namespace, needs_of(options, deployment=deployment))
        router = _router(options, cluster, deployment)
        router.get()
    except RouterError:
        cluster.close()
        raise
    events = None
    if options.events:
        events = DeploymentEvents(cluster, namespace=cluster.namespace, deployment=deployment)
    return Opened(router=router, cluster=cluster, events=events)


def _router(options: GatewaySection | ReplicasRouter, cluster: Cluster, deployment: str) -> Router:
    canary = _canary(options, deployment)
    if isinstance(options, GatewaySection):
        place = Place(kind=HTTP_ROUTES, namespace=cluster.namespace, name=options.route)
        return GatewayRouter(
            cluster,
            replace(place, kind=find_routes(cluster)),
            stable=options.stable,
            canary=canary,
        )
    return ReplicaRouter(
        cluster,
        namespace=cluster.namespace,
        stable=options.stable,
        canary=canary,
        total=options.pods or 0,
        ready_limit_s=options.ready_timeout,
    )


def _canary(options: GatewaySection | ReplicasRouter, deployment: str) -> str:
    """The canary's name.

    Raises:
        RouterError: it is the stable version's. Lasting.
    """
    canary = options.canary or deployment
    if canary == options.stable:
        raise RouterError(
            f"router: found {canary} as both stable and canary; name the stable version's by "
            "`stable`, and the canary's by `canary` or --deployment",
            lasting=True,
        )
    return canary
