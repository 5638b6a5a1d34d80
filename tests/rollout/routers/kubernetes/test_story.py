"""News as events: which becomes which, and that all are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadgen.config.kubernetes_section import ReplicasRouter
from rollout.progressive.machine import Event, Phase, State
from rollout.progressive.news import Changed, Did
from rollout.routers.kubernetes.events import Reason
from rollout.routers.kubernetes.story import Told, event_of, telling
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


def options(kubeconfig: Path) -> ReplicasRouter:
    written = {"kind": "replicas", "stable": "backend-v1", "kubeconfig": str(kubeconfig)}
    return ReplicasRouter.model_validate(written)


def reasons(room: Room) -> list[str]:
    told = room.kubectl("describe", "deployment", "backend-v2").partition("Events:")[2]
    return sorted(word for word in told.split() if word.startswith("Rollout"))


@pytest.mark.parametrize(
    ("opening", "expected"),
    [
        ("5, 100 %", ["RolloutRolledBack", "RolloutStarted", "RolloutWeight"]),
        ("", ["RolloutRolledBack", "RolloutWeight"]),
    ],
)
def test_the_whole_story_is_written(room: Room, opening: str, expected: list[str]) -> None:
    room.create(deployment("backend-v2", 1))
    warnings: list[str] = []
    with telling(
        options(room.kube.kubeconfig),
        deployment="backend-v2",
        namespace=room.namespace,
        opening=opening,
        warn=warnings.append,
    ) as tell:
        tell(Did(key="x", text="not told", succeeded=True))
        tell(news(Event.SHIFTED, Phase.HOLDING, "5%: proven"))
        tell(news(Event.SAFE, Phase.ROLLED_BACK, "All traffic is back"))
    assert warnings == []
    assert reasons(room) == expected


def test_nothing_is_told_of_a_rollout_that_did_not_begin(room: Room) -> None:
    room.create(deployment("backend-v2", 1))
    with telling(
        options(room.kube.kubeconfig),
        deployment="backend-v2",
        namespace=room.namespace,
        opening="5, 100 %",
        warn=pytest.fail,
    ):
        pass
    assert reasons(room) == []


def test_what_cannot_be_told_is_a_warning_and_no_more(room: Room, tmp_path: Path) -> None:
    warnings: list[str] = []
    for kubeconfig in (room.account("nobody", "", tmp_path), tmp_path / "absent"):
        with telling(
            options(kubeconfig),
            deployment="backend-v2",
            namespace=room.namespace,
            opening="5, 100 %",
            warn=warnings.append,
        ) as tell:
            tell(news(Event.SHIFTED, Phase.HOLDING, "5%: proven"))
    assert len(warnings) == 2
    assert "403" in warnings[0]
    assert "events: Kubernetes: found no kubeconfig" in warnings[1]
