"""A rollout in Kubernetes with traffic that is really moved, and what may come in between.

An HTTPRoute on a real API server, a small gateway controller, a real Envoy, two servers, and the
engine's load all the while. Splits are measured by who answers.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.proxies import MARK_HEADER, Proxy, running_envoy
from loadgen import LoadTestEngine, Measurement, Pattern, Plan
from loadgen.interrupts import Interrupts
from rollout.mark import Mark
from rollout.progressive.controller import Controller
from rollout.progressive.crew import Crew, RolloutPlan
from rollout.progressive.entry import Rollout
from rollout.progressive.history import read_record, read_rollouts
from rollout.progressive.journal import Journal
from rollout.progressive.machine import Event, Phase, State, begin
from rollout.progressive.news import Changed, News
from rollout.progressive.orders import place_order
from rollout.progressive.split_judge import SplitJudge
from rollout.progressive.stage import Stage
from rollout.proof import ProofOptions, prove
from rollout.routers.kubernetes.access import connect
from rollout.routers.kubernetes.events import DeploymentEvents
from rollout.routers.kubernetes.gateway import GatewayRouter
from rollout.routers.kubernetes.kubeconfig import read_login
from rollout.routers.kubernetes.rights import gateway_needs, role_yaml
from rollout.routers.kubernetes.story import DeploymentStory
from rollout.split import SplitState
from slo.canary import CanaryVerdict
from tests.kube.cluster import KubeCluster, Room, deployment, http_route, set_weight
from tests.kube.gateway_controller import programming
from tests.rollout.progressive.rehearsal import Script
from tests.rollout.routers.behind import in_front_of_two

STAGES = (
    Stage(name="5%", percentage=5, duration_s=0.3),
    Stage(name="50%", percentage=50, duration_s=0.3),
    Stage(name="100%", percentage=100, duration_s=0.3),
)
MARK = Mark(header=MARK_HEADER, canary="canary", stable="stable")


@pytest.fixture(scope="module")
def envoy() -> Iterator[Proxy]:
    with in_front_of_two(running_envoy) as proxy:
        yield proxy


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """A route whose weights reach Envoy."""

    room: Room
    envoy: Proxy
    journal: Path

    @property
    def proof(self) -> ProofOptions:
        return ProofOptions(url=self.envoy.url, mark=MARK, limit_s=20)

    @property
    def weights(self) -> str:
        """As kubectl reads them: stable, canary."""
        return self.room.fields("httproute", "backend", "{..weight}")

    def roll_out(
        self,
        router: GatewayRouter,
        *,
        verdicts: dict[str, CanaryVerdict] | None = None,
        on_news: Callable[[News], None] = lambda _news: None,
        resume: bool = False,
    ) -> State:
        """Drives a rollout in this process, as `loadgen rollout` does in its own."""
        journal = Journal(self.journal)
        rollout = read_rollouts(self.journal)[-1] if resume else _rollout(self.room)
        state = read_record(self.journal).state if resume else begin(STAGES)
        if resume:
            place_order(self.journal, rollout.id, Event.RESUME, who="a test")
        else:
            journal.begin(rollout, state)
        crew = Crew(
            router=router,
            proof=self.proof,
            judges=(SplitJudge(router, self.proof), Script(verdicts or {})),
            on_news=on_news,
        )
        interrupts = Interrupts()
        plan = RolloutPlan(stages=STAGES, attended=resume)
        try:
            return Controller(
                journal, rollout, state, plan=plan, crew=crew, interrupts=interrupts
            ).run()
        finally:
            interrupts.close()
            journal.close()

    def router(self) -> GatewayRouter:
        return GatewayRouter(
            self.room.cluster, self.room.route(), stable="backend-v1", canary="backend-v2"
        )


def _rollout(room: Room) -> Rollout:
    return Rollout(
        id="20260101T000000Z-000001",
        deployment="backend-v2",
        namespace=room.namespace,
        settings={},
        begun_at="2026-01-01T00:00:00.000Z",
        who="a test",
    )


@pytest.fixture
def loop(kube: KubeCluster, room: Room, envoy: Proxy, tmp_path: Path) -> Iterator[Loop]:
    references = ({"name": "backend-v1", "weight": 1}, {"name": "backend-v2", "weight": 0})
    room.create(http_route(references), deployment("backend-v2", 1))
    watching = kube.connect(room.namespace)
    try:
        with programming(watching, room.route(), envoy.router, canary="backend-v2"):
            yield Loop(room=room, envoy=envoy, journal=tmp_path / "backend-v2.sqlite")
    finally:
        watching.close()


@contextmanager
def load(url: str) -> Iterator[list[Measurement]]:
    """Live traffic while the block lasts; its measurement is in the list afterwards."""
    plan = Plan(target=f"{url}/api/health", pattern=Pattern.RATE, rate_rps=200, duration_s=60)
    engine = LoadTestEngine(plan)
    found: list[Measurement] = []
    thread = threading.Thread(target=lambda: found.append(engine.run()))
    thread.start()
    try:
        yield found
    finally:
        engine.stop()
        thread.join()


def test_a_good_version_is_promoted_and_a_bad_one_taken_back(loop: Loop) -> None:
    """Two rollouts under load: not one request is lost, and the Deployment tells the story."""
    room = loop.room
    router = loop.router()

    def open_events() -> DeploymentEvents:
        own = room.kube.connect()
        return DeploymentEvents(own, namespace=room.namespace, deployment="backend-v2")

    seen: list[str] = []

    def note(news: News) -> None:
        if isinstance(news, Changed) and news.event == Event.SHIFTED:
            seen.append(loop.weights)

    with load(loop.envoy.url) as found:
        story = DeploymentStory(open_events, "5, 50, 100 %")

        def both(news: News) -> None:
            story.tell(news)
            note(news)

        assert loop.roll_out(router, on_news=both).phase is Phase.PROMOTED
        assert story.finish(within_s=20) == ""
        assert seen == ["95 5", "50 50", "0 100"]
        set_weight(router, 0)
        loop.journal.unlink()
        state = loop.roll_out(router, verdicts={"50%": CanaryVerdict.FAIL})
        assert state.phase is Phase.ROLLED_BACK
        assert loop.weights == "100 0"
        assert prove(router, 0, loop.proof).state is SplitState.PROVEN
    (measurement,) = found
    assert measurement.total.failed == 0
    assert measurement.total.succeeded > 100
    told = room.kubectl("describe", "deployment", "backend-v2").partition("Events:")[2]
    for reason in ("RolloutStarted", "RolloutWeight", "RolloutVerdict", "RolloutPromoted"):
        assert reason in told


def test_another_owner_who_changes_the_weights_back_is_named(loop: Loop) -> None:
    """As a GitOps tool does: the split cannot be proven, the stage fails, it is said by whom."""
    texts: list[str] = []

    def meddle(news: News) -> None:
        if not isinstance(news, Changed):
            return
        texts.append(news.text)
        if news.event == Event.SHIFTED and news.state.weight_percent == 50:
            patch = [
                {
                    "op": "add",
                    "path": f"/spec/rules/0/backendRefs/{position}/weight",
                    "value": value,
                }
                for position, value in enumerate((95, 5))
            ]
            arguments = ("--type=json", "-p", json.dumps(patch), "--field-manager=argocd")
            loop.room.kubectl("patch", "httproute", "backend", *arguments)

    state = loop.roll_out(loop.router(), on_news=meddle)
    assert state.phase is Phase.ROLLED_BACK
    assert any("argocd" in text for text in texts), texts
    assert loop.weights == "100 0"


def test_an_api_server_that_is_killed_and_comes_back(loop: Loop, own_kube: KubeCluster) -> None:
    """The stage's weight cannot be set for a while; it is tried again, traffic goes on."""
    server = own_kube.server
    assert server is not None
    back: list[threading.Thread] = []

    def strike(news: News) -> None:
        if isinstance(news, Changed) and news.event == Event.SHIFTED and not back:
            server.kill()
            back.append(threading.Thread(target=server.start))
            back[0].start()

    with load(loop.envoy.url) as found:
        try:
            state = loop.roll_out(loop.router(), on_news=strike)
        finally:
            for thread in back:
                thread.join()
    assert state.phase is Phase.PROMOTED
    assert loop.weights == "0 100"
    (measurement,) = found
    assert measurement.total.failed == 0


def test_rights_that_are_taken_away_pause_it_and_given_back_let_it_go_on(
    loop: Loop, tmp_path: Path
) -> None:
    room = loop.room
    role = role_yaml(gateway_needs("backend"), name="rollout", namespace=room.namespace)
    cluster = connect(read_login(kubeconfig=str(room.account("runner", role, tmp_path))))
    router = GatewayRouter(cluster, room.route(), stable="backend-v1", canary="backend-v2")
    texts: list[str] = []

    def take_away(news: News) -> None:
        if isinstance(news, Changed):
            texts.append(news.text)
            if news.event == Event.SHIFTED and news.state.weight_percent == 5:
                room.kubectl("delete", "role", "rollout")

    try:
        state = loop.roll_out(router, on_news=take_away)
        assert state.phase is Phase.PAUSED
        assert loop.weights == "95 5"
        assert "loadgen rollout rbac" in texts[-1]
        room.kubectl("apply", "-f", "-", given=role)
        assert loop.roll_out(router, resume=True).phase is Phase.PROMOTED
        assert loop.weights == "0 100"
    finally:
        cluster.close()
