"""The routers of Kubernetes in loadgen.yml."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from loadgen.config.kubernetes_section import GatewayRouter, ReplicasRouter


def test_what_is_not_said_is_found_out_later() -> None:
    written = {"kind": "gateway-api", "route": "backend", "stable": "backend-v1"}
    section = GatewayRouter.model_validate(written)
    assert (section.canary, section.namespace, section.kubeconfig) == (None, None, None)
    assert section.events


def test_times_and_numbers_are_read_as_elsewhere() -> None:
    written = {"kind": "replicas", "stable": "v1", "pods": "20", "ready_timeout": "2m"}
    section = ReplicasRouter.model_validate(written)
    assert (section.pods, section.ready_timeout) == (20, 120.0)


@pytest.mark.parametrize("name", ["Backend", "backend/v1", "-a", "a-", "a b", "", "../pods"])
def test_a_name_that_no_object_can_have_is_refused(name: str) -> None:
    """It would lead elsewhere in the API."""
    with pytest.raises(ValidationError):
        ReplicasRouter.model_validate({"kind": "replicas", "stable": name})
