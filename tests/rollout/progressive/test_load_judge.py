"""A load test as long as the stage, held against its thresholds."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from loadgen.judging import GateOptions
from loadgen.plan import Plan
from loadgen.target.launch import running_target
from rollout.progressive.judge import PAUSES_S, Judge, Opinion
from rollout.progressive.load_judge import LoadJudge
from rollout.progressive.stage import Stage
from slo.canary import CanaryVerdict
from slo.grammar import parse
from slo.policy import OnFailure

STAGE = Stage(name="5%", percentage=5, duration_s=1.2)


@pytest.fixture(scope="module")
def target() -> Iterator[str]:
    with running_target() as url:
        yield url


def _judge(url: str, objective: str) -> LoadJudge:
    plan = Plan(target=url, concurrency=2, think_s=(0.005, 0.005), workers=1, pin=False)
    gate = GateOptions(objectives=(parse(objective),))
    return LoadJudge(plan, gate, on_failure=OnFailure.PAUSE)


def _held(judge: Judge, duration_s: float) -> tuple[list[Opinion], Opinion]:
    judge.begin(STAGE, duration_s, [])
    looks = []
    while not judge.is_done():
        time.sleep(0.2)
        looks.append(judge.look())
    ended = judge.conclude()
    judge.stop()
    return looks, ended


def test_thresholds_that_are_kept_pass(target: str) -> None:
    judge = _judge(target, "error_rate < 1%")
    looks, ended = _held(judge, STAGE.duration_s)
    assert ended.verdict is CanaryVerdict.PASS
    assert ended.evidence is not None
    assert ended.evidence["violations"] == []
    (measurement,) = judge.measurements
    assert measurement.run.duration_s == pytest.approx(STAGE.duration_s, rel=0.1)
    assert any(look.histogram for look in looks)
    assert {look.verdict for look in looks} == {CanaryVerdict.INCONCLUSIVE}


def test_a_threshold_that_is_broken_fails(target: str) -> None:
    _, ended = _held(_judge(target, "p50 < 1us"), 1.0)
    assert ended.verdict is CanaryVerdict.FAIL
    assert ended.on_failure is OnFailure.PAUSE
    assert "P50" in ended.text.upper()


def test_an_objective_that_aborts_does_so_at_once(target: str) -> None:
    judge = _judge(target, "p50 < 1us, abort")
    judge.begin(STAGE, 30, [])
    while (opinion := judge.look()).verdict is CanaryVerdict.INCONCLUSIVE:
        time.sleep(0.05)
    judge.stop()
    assert opinion.verdict is CanaryVerdict.FAIL


def test_a_canary_that_cannot_be_reached_is_tried_again_and_lost() -> None:
    clock = [0.0]
    plan = Plan(target="http://127.0.0.1:9", concurrency=1, workers=1, pin=False)
    gate = GateOptions(objectives=(parse("error_rate < 1%"),))
    judge = LoadJudge(plan, gate, on_failure=OnFailure.PAUSE, now_s=lambda: clock[0])
    judge.begin(STAGE, 60, [])
    tries: list[Opinion] = []
    while not (tries and tries[-1].lost):
        while not judge.is_done():
            time.sleep(0.01)
        tries.append(judge.look())
        clock[0] += max(PAUSES_S)
    assert len(tries) > len(PAUSES_S)
    assert "127.0.0.1:9" in tries[-1].text
    assert judge.conclude().verdict is CanaryVerdict.INCONCLUSIVE
