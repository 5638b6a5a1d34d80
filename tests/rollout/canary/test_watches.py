"""The watches of a comparison, fed by simulated servers: no engine, no waiting."""

from __future__ import annotations

import pytest

from benchmarks.canary_arms import Server, calibrated
from rollout.canary.second import ComparisonPhase, ComparisonSecond
from rollout.canary.watches import CalibrationWatch, JudgeWatch
from slo.calibration import Calibrator
from slo.canary import CanaryJudge, CanaryJudgement, CanaryVerdict

ALIKE = Server()
BROKEN = Server(errors={"/a": 0.5})


def _judged(canary: Server, seconds: int, *, planned_s: int) -> tuple[JudgeWatch, list[str]]:
    told: list[str] = []

    def tell(_second: ComparisonSecond, judgement: CanaryJudgement) -> None:
        told.append(judgement.verdict)

    judge = CanaryJudge(calibrated(ALIKE, 60, 1))
    watch = JudgeWatch(judge, planned_s=planned_s, on_second=tell)
    for first, second in zip(ALIKE.samples(seconds, 2), canary.samples(seconds, 3), strict=True):
        watch.look(first, second)
        if watch.stopped:
            break
    return watch, told


def test_a_calibration_is_told_second_by_second() -> None:
    told: list[ComparisonSecond] = []
    watch = CalibrationWatch(Calibrator(()), told.append)
    for first, second in zip(ALIKE.samples(4, 1), ALIKE.samples(4, 2), strict=True):
        watch.look(first, second)
    assert watch.rows == told
    assert [row.t_s for row in told] == [1, 2, 3, 4]
    assert {row.phase for row in told} == {ComparisonPhase.CALIBRATING}
    assert sum(row.baseline.finished for row in told) == watch.last[0].total.finished
    assert not watch.stopped


def test_a_failure_ends_the_run_at_once() -> None:
    watch, told = _judged(BROKEN, 120, planned_s=60)
    assert watch.stopped == "the verdict is there: FAIL"
    assert len(watch.rows) <= 5
    assert told[-1] == CanaryVerdict.FAIL


def test_the_evidence_stands_in_the_order_of_the_judge() -> None:
    watch, _ = _judged(BROKEN, 3, planned_s=60)
    widths = {len(row.evidence) for row in watch.rows}
    assert len(widths) == 1
    assert max(watch.rows[-1].evidence) > max(watch.rows[0].evidence)


@pytest.mark.parametrize(
    ("planned_s", "ends_s"),
    [(120, 120), (20, 85)],
    ids=["conclusive when planned", "goes on until it is"],
)
def test_what_is_inconclusive_goes_on(planned_s: int, ends_s: int) -> None:
    watch, _ = _judged(ALIKE, 300, planned_s=planned_s)
    assert watch.stopped == "enough was seen: PASS"
    # How long a PASS takes is the judge's affair; that it is asked in steps of five is ours.
    assert len(watch.rows) == pytest.approx(ends_s, abs=25)
    assert (len(watch.rows) - planned_s) % 5 == 0
