"""The exit codes of the house plan, row by row."""

from __future__ import annotations

import dataclasses

import pytest

from loadgen.exitcode import ExitCode, exit_code
from loadgen.measurement import Measurement
from tests.loadgen import samples


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


@pytest.mark.parametrize(("measurement", "expected"), ROWS)
def test_exit_code(measurement: Measurement, expected: int) -> None:
    assert exit_code(measurement) == expected


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
