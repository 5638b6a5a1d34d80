"""What a rollout needs to be allowed: asked of the cluster beforehand, and printed as a Role.

Rights that turn out to be missing in the middle of a rollout are found when it is to be taken
back; so they are asked for before anything is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import yaml

from loadgen.config.kubernetes_section import GatewayRouter, ReplicasRouter
from rollout.routers.kubernetes.cluster import Cluster
from rollout.routers.kubernetes.kinds import (
    ACCESS_REVIEWS,
    DEPLOYMENTS,
    EVENTS,
    HTTP_ROUTES,
    REPLICA_SETS,
    Kind,
    Place,
)
from rollout.routers.router import RouterError

__all__ = [
    "Need",
    "event_needs",
    "gateway_needs",
    "needs_of",
    "replica_needs",
    "require",
    "role_yaml",
    "undo_needs",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Verbs on a kind of objects.

    Attributes:
        kind: of the objects.
        verbs: as in a Role.
        names: of the only objects; empty: all of the namespace, as for what has no name yet.
    """

    kind: Kind
    verbs: tuple[str, ...]
    names: tuple[str, ...] = ()


def gateway_needs(route: str) -> tuple[Need, ...]:
    """For moving the weights of an HTTPRoute."""
    return (Need(kind=HTTP_ROUTES, verbs=("get", "patch", "watch"), names=(route,)),)


def replica_needs(*deployments: str) -> tuple[Need, ...]:
    """For scaling Deployments."""
    return (Need(kind=DEPLOYMENTS, verbs=("get", "patch", "watch"), names=deployments),)


def undo_needs(deployment: str) -> tuple[Need, ...]:
    """For going back to the revision before."""
    return (
        Need(kind=DEPLOYMENTS, verbs=("get", "patch"), names=(deployment,)),
        Need(kind=REPLICA_SETS, verbs=("list",)),
    )


def event_needs(deployment: str) -> tuple[Need, ...]:
    """For telling the story of a rollout at its Deployment."""
    return (
        Need(kind=DEPLOYMENTS, verbs=("get",), names=(deployment,)),
        Need(kind=EVENTS, verbs=("create",)),
    )


def needs_of(
    options: GatewayRouter | ReplicasRouter, *, deployment: str, undo: bool = False
) -> Sequence[Need]:
    """All that a rollout by these settings must be allowed to do.

    Args:
        options: of the router.
        deployment: that is rolled out.
        undo: the rollback undoes the Deployment, too.
    """
    if isinstance(options, GatewayRouter):
        needs = gateway_needs(options.route)
    else:
        needs = replica_needs(options.stable, options.canary or deployment)
    if undo:
        needs += undo_needs(deployment)
    if options.events:
        needs += event_needs(deployment)
    return needs


def require(cluster: Cluster, namespace: str, needs: Iterable[Need]) -> None:
    """Asks the cluster for each verb (SelfSubjectAccessReview); changes nothing.

    Raises:
        RouterError: some are missing; all of them are named. Lasting.
    """
    missing = [
        f"{verb} {need.kind.plural}{f'/{name}' if name else ''}"
        for need in _merged(needs)
        for name in need.names or ("",)
        for verb in need.verbs
        if not _is_allowed(cluster, namespace, need.kind, name, verb)
    ]
    if missing:
        raise RouterError(
            f"{cluster.text}: in namespace {namespace} these rights are missing: "
            f"{', '.join(missing)}; nothing was changed. `loadgen rollout rbac` prints the role "
            "that is needed",
            lasting=True,
        )


def role_yaml(needs: Iterable[Need], *, name: str, namespace: str) -> str:
    """A Role that allows just what is needed, as YAML for `kubectl apply -f -`.

    Args:
        needs: of all that is to be done.
        name: of the role.
        namespace: in which it holds.
    """
    rules = [
        {
            "apiGroups": [need.kind.group],
            "resources": [need.kind.plural],
            **({"resourceNames": list(need.names)} if need.names else {}),
            "verbs": list(need.verbs),
        }
        for need in _merged(needs)
    ]
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": name, "namespace": namespace},
        "rules": rules,
    }
    return yaml.safe_dump(role, sort_keys=False)


def _merged(needs: Iterable[Need]) -> Sequence[Need]:
    """The same needs, each verb on each object once, and objects with the same verbs together."""
    verbs_of: dict[tuple[Kind, str], set[str]] = {}
    for need in needs:
        for name in need.names or ("",):
            verbs_of.setdefault((need.kind, name), set()).update(need.verbs)
    names_of: dict[tuple[Kind, tuple[str, ...], bool], list[str]] = {}
    for (kind, name), verbs in verbs_of.items():
        alike = (kind, tuple(sorted(verbs)), bool(name))
        names_of.setdefault(alike, []).append(name)
    return [
        Need(kind=kind, verbs=verbs, names=tuple(names) if is_named else ())
        for (kind, verbs, is_named), names in names_of.items()
    ]


def _is_allowed(cluster: Cluster, namespace: str, kind: Kind, name: str, verb: str) -> bool:
    review = cluster.create(
        Place(kind=ACCESS_REVIEWS),
        {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {
                "resourceAttributes": {
                    "group": kind.group,
                    "resource": kind.plural,
                    "namespace": namespace,
                    "name": name,
                    "verb": verb,
                }
            },
        },
    )
    return review.at("status", "allowed") is True
