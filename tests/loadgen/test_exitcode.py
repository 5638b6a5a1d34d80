"""The exit codes of the house plan, row by row."""

from __future__ import annotations

import dataclasses

import pytest

from loadgen.exitcode import ExitCode, exit_code
from loadgen.measurement import Measurement
from slo.verdict import Verdict
from tests.loadgen import judged, samples


def failed(measurement: Measurement) -> Measurement:
    run = dataclasses.replace(measurement.run, failure="worker 0 was killed by SIGKILL")
    return dataclasses.replace(measurement, run=run)


def without_success(measurement: Measurement) -> Measurement:
    whole = measurement.total
    refused = dataclasses.replace(
        whole, succeeded=0, failed=whole.sent, status_codes={}, errors={"reset": whole.sent}
    )
    return dataclasses.replace(measurement, total=refused)


CALM = samples.measurement(requests=300)
SATURATED = samples.measurement(requests=300, own_lag_p99_ms=500.0)

ROWS = [
    pytest.param(CALM, 0, id="done and evidence"),
    pytest.param(samples.measurement(requests=300, own_lag_p99_ms=20.0), 0, id="suspect"),
    pytest.param(SATURATED, 3, id="about the generator"),
    pytest.param(failed(CALM), 4, id="a worker died"),
    pytest.param(without_success(CALM), 4, id="no request succeeded"),
    pytest.param(without_success(SATURATED), 4, id="nor could it have"),
    pytest.param(samples.empty_measurement(), 4, id="nothing sent"),
]

JUDGED = [
    pytest.param(judged.passed(), Verdict.PASS, 0, 0, id="all hold"),
    pytest.param(judged.violated(), Verdict.FAIL, 1, 0, id="one is violated"),
    pytest.param(judged.undecided(), Verdict.INCONCLUSIVE, 3, 3, id="too little data"),
    pytest.param(
        judged.judge(SATURATED, "p50 < 1ms"), Verdict.INCONCLUSIVE, 3, 3, id="violated, or is it?"
    ),
    pytest.param(
        judged.judge(SATURATED, "p50 < 10s"), Verdict.INCONCLUSIVE, 3, 3, id="held, or is it?"
    ),
    pytest.param(
        judged.judge(samples.empty_measurement(), "p50 < 10s", "error_rate < 1%"),
        Verdict.INCONCLUSIVE,
        4,
        4,
        id="zero traffic",
    ),
    pytest.param(
        judged.judge(without_success(CALM), "error_rate < 1%"),
        Verdict.FAIL,
        4,
        4,
        id="none succeeded",
    ),
    pytest.param(judged.rolled_back(), Verdict.FAIL, 1, 0, id="rolled back"),
    pytest.param(judged.rolled_back(succeeded=False), Verdict.FAIL, 5, 5, id="the rollback failed"),
]


@pytest.mark.parametrize(("measurement", "expected"), ROWS)
def test_exit_code(measurement: Measurement, expected: int) -> None:
    assert exit_code(measurement) == expected
    assert exit_code(measurement, fail_on_violation=False) == expected


@pytest.mark.parametrize(("measurement", "verdict", "expected", "lenient"), JUDGED)
def test_exit_code_of_a_judged_run(
    measurement: Measurement, verdict: Verdict, expected: int, lenient: int
) -> None:
    assert measurement.slo is not None
    assert measurement.slo.verdict is verdict
    assert exit_code(measurement) == expected
    assert exit_code(measurement, fail_on_violation=False) == lenient


def test_no_traffic_never_passes_even_a_throughput_of_nothing() -> None:
    lenient = judged.judge(samples.empty_measurement(), "throughput >= 0")
    assert exit_code(lenient, fail_on_violation=False) == 4


def test_the_table_is_the_house_plans() -> None:
    table = {code.name: code.value for code in ExitCode}
    assert table == {
        "PASS": 0,
        "FAIL": 1,
        "USAGE": 2,
        "INCONCLUSIVE": 3,
        "NOT_DONE": 4,
        "ROLLBACK_FAILED": 5,
    }
