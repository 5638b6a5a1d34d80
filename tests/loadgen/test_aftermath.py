"""When a rollback is ordered, and what a comparison rests on."""

from __future__ import annotations

import dataclasses
import sys

import pytest

from loadgen.aftermath import after_rollback, beside, rollback_withheld
from loadgen.measurement import Measurement
from loadgen.rollback import RollbackOptions
from loadgen.secret import Secret
from slo.compare import Change, Margin
from tests.loadgen import judged, samples

AUTO = RollbackOptions(command=(sys.executable, "-c", "print('{run_id}')"), auto=True)


def _interrupted(measurement: Measurement) -> Measurement:
    run = dataclasses.replace(measurement.run, interrupted=True)
    return dataclasses.replace(measurement, run=run)


@pytest.mark.parametrize(
    ("measurement", "options", "withheld"),
    [
        (judged.violated(), AUTO, ""),
        (
            judged.violated(),
            dataclasses.replace(AUTO, auto=False),
            "nobody asked for it (--auto-rollback-on-loadfail)",
        ),
        (judged.passed(), AUTO, "the verdict is PASS"),
        (judged.undecided(), AUTO, "the verdict is INCONCLUSIVE"),
        (
            judged.judge(samples.measurement(requests=300, own_lag_p99_ms=500.0), "p50 < 1ms"),
            AUTO,
            "the verdict is INCONCLUSIVE",
        ),
        (
            judged.judge(samples.empty_measurement(), "error_rate < 1%"),
            AUTO,
            "the verdict is INCONCLUSIVE",
        ),
        (_interrupted(judged.violated()), AUTO, "the run was ended by hand"),
        (samples.measurement(requests=100), AUTO, "the run has no objectives"),
    ],
)
def test_when_a_rollback_is_ordered(
    measurement: Measurement, options: RollbackOptions, withheld: str
) -> None:
    assert rollback_withheld(measurement, options) == withheld


def test_a_rollback_that_is_ordered_is_done() -> None:
    measurement = after_rollback(judged.violated(), AUTO)
    assert measurement.rollback is not None
    assert measurement.rollback.succeeded
    assert measurement.rollback.output == (measurement.run.id,)


def test_secrets_are_struck_out_of_what_the_command_writes() -> None:
    options = dataclasses.replace(AUTO, command=(sys.executable, "-c", "print('token: abcd1')"))
    measurement = after_rollback(judged.violated(), options, secrets=[Secret("abcd1")])
    assert measurement.rollback is not None
    assert measurement.rollback.output == ("token: ***",)


def test_a_rollback_that_is_withheld_says_why() -> None:
    measurement = after_rollback(judged.passed(), AUTO)
    assert measurement.rollback is not None
    assert not measurement.rollback.ordered
    assert measurement.rollback.text == "Not rolled back: the verdict is PASS"


def test_two_runs_beside_each_other() -> None:
    before = samples.measurement(requests=15_000)
    same = beside(before, before, Margin(ratio=0.5)).baseline
    assert same is not None
    assert (same.run_id, same.same_plan, same.margin_ratio) == (before.run.id, True, 0.5)
    assert same.comparison.change in {Change.SAME, Change.CANT_TELL}
    run = dataclasses.replace(before.run, plan_hash="0" * 64)
    other = beside(dataclasses.replace(before, run=run), before, Margin()).baseline
    assert other is not None
    assert not other.same_plan


def test_a_run_whose_endpoints_became_slower_is_worse() -> None:
    before = samples.measurement(requests=15_000)
    slow = [dataclasses.replace(one, tally=samples.tally(one.tally.sent, 900.0, seed=3))
            for one in before.endpoints]  # fmt: skip
    whole = samples.total([one.tally for one in slow])
    after = dataclasses.replace(before, endpoints=tuple(slow), total=whole)
    result = beside(after, before, Margin()).baseline
    assert result is not None
    assert result.comparison.change is Change.WORSE
