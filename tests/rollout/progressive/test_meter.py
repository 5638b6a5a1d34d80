"""When metrics are pushed: at each new state, and every ten seconds of a hold."""

from __future__ import annotations

from pathlib import Path

from prometheus_client.registry import Collector

from rollout.progressive.machine import Phase, State
from rollout.progressive.meter import EVERY_S, Meter
from rollout.progressive.metrics import RolloutSeries
from rollout.progressive.news import Looked
from slo.canary import CanaryVerdict
from tests.rollout.progressive.rehearsal import Rehearsal


def test_a_rollout_pushes_each_state_and_its_end(tmp_path: Path) -> None:
    pushed: list[tuple[RolloutSeries, bool]] = []

    def push(series: Collector, finished: bool) -> None:
        assert isinstance(series, RolloutSeries)
        pushed.append((series, finished))

    meter = Meter(push, deployment="shop", namespace="")
    verdicts = {"5%": CanaryVerdict.FAIL}
    Rehearsal(folder=tmp_path, verdicts=verdicts, on_news=meter.tell).drive()
    assert [(series.state.phase, finished) for series, finished in pushed] == [
        (Phase.SHIFTING, False),
        (Phase.HOLDING, False),
        (Phase.ROLLING_BACK, False),
        (Phase.ROLLED_BACK, True),
    ]
    last = pushed[-1][0]
    assert last.verdict is CanaryVerdict.FAIL
    assert last.seconds_to_safe is not None


def test_seconds_of_a_hold_are_pushed_now_and_then() -> None:
    clock = [0.0]
    pushed: list[Collector] = []
    meter = Meter(
        lambda series, _finished: pushed.append(series),
        deployment="shop",
        namespace="",
        now_s=lambda: clock[0],
    )
    state = State(phase=Phase.HOLDING, stage=0, visit=0, weight_percent=5)
    for second in range(int(2 * EVERY_S)):
        clock[0] = float(second)
        meter.tell(Looked(state=state, held_s=second, duration_s=60, opinions=(), row={}))
    assert len(pushed) == 2
