"""The paired judge beside the stages: what one has learnt, the next goes on with."""

from __future__ import annotations

import time

from loadgen.plan import Plan
from loadgen.target.launch import running_target
from rollout.canary.comparison import ComparisonOptions
from rollout.progressive.judge import PAUSES_S, Opinion
from rollout.progressive.probe_judge import ProbeJudge
from rollout.progressive.stage import Stage
from slo.canary import CanaryVerdict
from slo.policy import OnFailure

STAGE = Stage(name="5%", percentage=5, duration_s=6)


def test_evidence_and_calibration_are_carried_to_the_next_stage() -> None:
    with running_target() as stable, running_target() as canary:
        plan = Plan(workers=1, pin=False, warmup_s=0.1)
        options = ComparisonOptions(baseline_url=stable, canary_url=canary, rate_rps=50)
        judge = ProbeJudge(plan, options, on_failure=OnFailure.ROLLBACK)
        for duration_s in (6, 3):
            judge.begin(STAGE, duration_s, [])
            while not judge.is_done():
                time.sleep(0.1)
                looked = judge.look()
            ended = judge.conclude()
            judge.stop()
            assert ended.verdict is not CanaryVerdict.FAIL
            assert looked.row is not None
    first, second = judge.results
    assert len(first.runs) == 2  # the stable version against itself, then the canary
    assert len(second.runs) == 1
    assert second.calibration == first.calibration


def test_a_version_that_cannot_be_reached_is_tried_again_and_lost() -> None:
    nobody = "http://127.0.0.1:9"
    options = ComparisonOptions(baseline_url=nobody, canary_url=nobody, rate_rps=50)
    clock = [0.0]
    judge = ProbeJudge(
        Plan(workers=1, pin=False), options, on_failure=OnFailure.PAUSE, now_s=lambda: clock[0]
    )
    judge.begin(STAGE, 60, [])
    looks: list[Opinion] = []
    while not (looks and looks[-1].lost):
        while not judge.is_done():
            time.sleep(0.01)
        looks.append(judge.look())
        clock[0] += max(PAUSES_S)
    assert len(looks) > len(PAUSES_S)
    assert "127.0.0.1:9" in looks[-1].text
    assert judge.conclude().verdict is CanaryVerdict.INCONCLUSIVE


def test_a_stage_that_is_too_short_proves_nothing_and_sends_nothing() -> None:
    options = ComparisonOptions(baseline_url="http://127.0.0.1:9", canary_url="http://127.0.0.1:9")
    judge = ProbeJudge(Plan(), options, on_failure=OnFailure.ROLLBACK)
    judge.begin(STAGE, 1, [])
    assert judge.is_done()
    assert judge.conclude().verdict is CanaryVerdict.INCONCLUSIVE
    assert judge.results == []
