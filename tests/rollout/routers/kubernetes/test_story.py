"""News as events: which becomes which, and that all are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadgen.config.kubernetes_section import ReplicasRouter
from rollout.progressive.machine import Event, Phase, State
from rollout.progressive.news import Changed, Did
from rollout.routers.kubernetes.access import connect
from rollout.routers.kubernetes.events import DeploymentEvents, Reason
from rollout.routers.kubernetes.kubeconfig import read_login
from rollout.routers.kubernetes.story import DeploymentStory, Told, event_of, open_story
from tests.kube.cluster import Room, deployment


def news(event: Event, phase: Phase, text: str, *, weight: float = 5, verdict: str = "") -> Changed:
    state = State(phase=phase, stage=0, visit=1, weight_percent=weight)
    return Changed(
        event=event, state=state, who="policy", text=text, key=f"{event}", verdict=verdict
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            news(Event.SHIFTED, Phase.HOLDING, "5%: the split is proven"),
            Told(reason=Reason.WEIGHT, text="5%: the split is proven (canary 5 %)"),
        ),
        (
            news(Event.PASSED, Phase.SHIFTING, "5%: all well", weight=25, verdict="PASS"),
            Told(reason=Reason.VERDICT, text="PASS: 5%: all well (canary 25 %)"),
        ),
        (
            news(Event.FAILED, Phase.ROLLING_BACK, "5%: too slow", weight=0, verdict="FAIL"),
            Told(reason=Reason.VERDICT, text="FAIL: 5%: too slow (canary 0 %)", is_warning=True),
        ),
        (
            news(Event.PASSED, Phase.PROMOTED, "100%: all well", weight=100, verdict="PASS"),
            Told(reason=Reason.PROMOTED, text="100%: all well (canary 100 %)"),
        ),
        (
            news(Event.SAFE, Phase.ROLLED_BACK, "All traffic is back", weight=0),
            Told(
                reason=Reason.ROLLED_BACK, text="All traffic is back (canary 0 %)", is_warning=True
            ),
        ),
        (
            news(Event.UNSAFE, Phase.STUCK, "A person is needed", weight=0),
            Told(
                reason=Reason.ROLLBACK_FAILED,
                text="A person is needed (canary 0 %)",
                is_warning=True,
            ),
        ),
        (
            news(Event.PAUSE, Phase.PAUSED, "Ordered by ann@box"),
            Told(reason=Reason.ORDER, text="pause: Ordered by ann@box (canary 5 %)"),
        ),
    ],
)
def test_each_change_is_an_event(change: Changed, expected: Told) -> None:
    assert event_of(change) == expected


@pytest.mark.parametrize("event", Event)
def test_no_event_is_left_out(event: Event) -> None:
    assert event_of(news(event, Phase.HOLDING, "text")).text


def test_the_whole_story_is_written(room: Room) -> None:
    room.create(deployment("backend-v2", 1))
    options = ReplicasRouter.model_validate(
        {"kind": "replicas", "stable": "backend-v1", "kubeconfig": str(room.kube.kubeconfig)}
    )
    story = open_story(
        options, deployment="backend-v2", namespace=room.namespace, opening="5, 100 %"
    )
    story.tell(news(Event.SHIFTED, Phase.HOLDING, "5%: proven"))
    story.tell(Did(key="x", text="not told", succeeded=True))
    story.tell(news(Event.SAFE, Phase.ROLLED_BACK, "All traffic is back"))
    assert story.finish(within_s=20) == ""
    told = room.kubectl("describe", "deployment", "backend-v2").partition("Events:")[2]
    reasons = [word for word in told.split() if word.startswith("Rollout") and word != "Rollout"]
    assert sorted(reasons) == ["RolloutRolledBack", "RolloutStarted", "RolloutWeight"]


def test_what_cannot_be_written_is_said_at_the_end(room: Room, tmp_path: Path) -> None:
    account = connect(read_login(kubeconfig=str(room.account("nobody", "", tmp_path))))
    try:
        events = DeploymentEvents(account, namespace=room.namespace, deployment="backend-v2")
        story = DeploymentStory(events, "Rollout r-1")
        assert "403" in story.finish(within_s=20)
    finally:
        account.close()
