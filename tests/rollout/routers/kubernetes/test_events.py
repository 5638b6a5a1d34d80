"""A rollout's story, as `kubectl describe` tells it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from rollout.routers.kubernetes.access import connect
from rollout.routers.kubernetes.events import MAX_NOTE_BYTES, DeploymentEvents, Reason
from rollout.routers.kubernetes.kubeconfig import read_login
from tests.kube.cluster import Room, deployment


def test_kubectl_describe_tells_the_story(room: Room) -> None:
    room.create(deployment("backend-v2", 1))
    times = iter(datetime.now(UTC) - timedelta(minutes=minutes) for minutes in (9, 8, 1))
    events = DeploymentEvents(
        room.cluster, namespace=room.namespace, deployment="backend-v2", clock=lambda: next(times)
    )
    assert events.tell(Reason.STARTED, "Rollout r-1: 5, 25, 50, 100 %") == ""
    assert events.tell(Reason.WEIGHT, "Canary has 5 % of the traffic") == ""
    assert events.tell(Reason.ROLLED_BACK, "Error rate 2 % exceeds 1 %", is_warning=True) == ""
    told = room.kubectl("describe", "deployment", "backend-v2").partition("Events:")[2]
    lines = [line.split() for line in told.splitlines() if "Rollout" in line]
    assert [line[:2] for line in lines] == [
        ["Normal", "RolloutStarted"],
        ["Normal", "RolloutWeight"],
        ["Warning", "RolloutRolledBack"],
    ]
    assert "loadgen  Canary has 5 % of the traffic" in told
    assert lines[1][2].startswith("8m")


def test_long_texts_are_cut_between_characters(room: Room) -> None:
    room.create(deployment("backend-v2", 1))
    events = DeploymentEvents(room.cluster, namespace=room.namespace, deployment="backend-v2")
    assert events.tell(Reason.VERDICT, "€" * 1000) == ""
    message = room.kubectl("get", "events", "-o", "jsonpath={.items[0].message}")
    assert set(message) == {"€"}
    assert len(message.encode()) == MAX_NOTE_BYTES // 3 * 3


def test_an_event_that_cannot_be_written_stops_nothing(room: Room, tmp_path: Path) -> None:
    account = connect(read_login(kubeconfig=str(room.account("nobody", "", tmp_path))))
    try:
        events = DeploymentEvents(account, namespace=room.namespace, deployment="backend-v2")
        assert "403" in events.tell(Reason.STARTED, "Rollout r-1")
    finally:
        account.close()
