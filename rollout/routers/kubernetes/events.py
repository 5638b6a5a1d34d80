"""Tells a rollout's story at its Deployment, so that `kubectl describe` shows it. I/O."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum

from rollout.routers.kubernetes.cluster import FIELD_MANAGER, Cluster
from rollout.routers.kubernetes.kinds import DEPLOYMENTS, EVENTS, Place
from rollout.routers.router import RouterError

__all__ = ["DeploymentEvents", "Reason"]

MAX_NOTE_BYTES = 1024
"""The API's limit for the text of an event."""


class Reason(StrEnum):
    """What happened, in a word; the reason of the event."""

    STARTED = "RolloutStarted"
    WEIGHT = "RolloutWeight"
    VERDICT = "RolloutVerdict"
    ORDER = "RolloutOrder"
    ROLLED_BACK = "RolloutRolledBack"
    ROLLBACK_FAILED = "RolloutRollbackFailed"
    PROMOTED = "RolloutPromoted"


def _now() -> datetime:
    return datetime.now(UTC)


class DeploymentEvents:
    """Writes events on one Deployment.

    Args:
        cluster: where it is.
        namespace: of the Deployment.
        deployment: its name.
        clock: the time of an event, UTC.
    """

    def __init__(
        self,
        cluster: Cluster,
        *,
        namespace: str,
        deployment: str,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._cluster = cluster
        self._place = Place(kind=DEPLOYMENTS, namespace=namespace, name=deployment)
        self._clock = clock

    def close(self) -> None:
        """Closes the connection to the cluster, for whoever shares it with nobody."""
        self._cluster.close()

    def tell(self, reason: Reason, text: str, *, is_warning: bool = False) -> str:
        """Writes one event.

        Args:
            reason: what happened.
            text: in a sentence; cut at MAX_NOTE_BYTES.
            is_warning: someone should look.

        Returns:
            Why it could not be written, "" when it was: no event may stop a rollout.
        """
        try:
            self._write(reason, text, is_warning=is_warning)
        except RouterError as error:
            return str(error)
        return ""

    def _write(self, reason: Reason, text: str, *, is_warning: bool) -> None:
        deployment = self._cluster.get(self._place)
        now = self._clock()
        second = now.strftime("%Y-%m-%dT%H:%M:%SZ")
        namespace = self._place.namespace
        self._cluster.create(
            Place(kind=EVENTS, namespace=namespace),
            {
                "apiVersion": "v1",
                "kind": "Event",
                "metadata": {"generateName": f"{deployment.name}.rollout.", "namespace": namespace},
                "involvedObject": {
                    "apiVersion": "apps/v1",
                    "kind": "Deployment",
                    "name": deployment.name,
                    "namespace": namespace,
                    "uid": deployment.uid,
                },
                "type": "Warning" if is_warning else "Normal",
                "reason": reason,
                "message": text.encode()[:MAX_NOTE_BYTES].decode(errors="ignore"),
                "firstTimestamp": second,
                "lastTimestamp": second,
                "count": 1,
                "source": {"component": FIELD_MANAGER, "host": f"{socket.gethostname()}"},
                "reportingComponent": FIELD_MANAGER,
                "reportingInstance": f"{socket.gethostname()}/{os.getpid()}",
            },
        )
