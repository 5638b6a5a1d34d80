"""The kinds of objects that a rollout touches, and where the API has them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = [
    "ACCESS_REVIEWS",
    "DEPLOYMENTS",
    "EVENTS",
    "HTTP_ROUTES",
    "REPLICA_SETS",
    "Kind",
    "Place",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of objects.

    Attributes:
        group: of the API; "" is the core group.
        version: of the group.
        plural: as it stands in paths and in roles.
    """

    group: str
    version: str
    plural: str

    @property
    def api(self) -> str:
        """The path of its group and version."""
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"


DEPLOYMENTS = Kind(group="apps", version="v1", plural="deployments")
REPLICA_SETS = Kind(group="apps", version="v1", plural="replicasets")
EVENTS = Kind(group="", version="v1", plural="events")
HTTP_ROUTES = Kind(group="gateway.networking.k8s.io", version="v1", plural="httproutes")
ACCESS_REVIEWS = Kind(group="authorization.k8s.io", version="v1", plural="selfsubjectaccessreviews")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where objects live.

    Attributes:
        kind: of the objects.
        namespace: "" for a kind that has none.
        name: of one object; "" for all of them.
    """

    kind: Kind
    namespace: str = ""
    name: str = ""

    @property
    def path(self) -> str:
        """Below the server's address."""
        middle = f"/namespaces/{self.namespace}" if self.namespace else ""
        end = f"/{self.name}" if self.name else ""
        return f"{self.kind.api}{middle}/{self.kind.plural}{end}"

    @property
    def all(self) -> Place:
        """The collection that this object is in."""
        return replace(self, name="")

    def __str__(self) -> str:
        """For sentences: deployments/backend-v2 in production."""
        name = f"/{self.name}" if self.name else ""
        inside = f" in {self.namespace}" if self.namespace else ""
        return f"{self.kind.plural}{name}{inside}"
