"""The tables that reports share: their shape, and what in them is not our own text."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from loadgen.measurement import Measurement
from loadgen.report import tables
from loadgen.report.tables import Table, Verbatim
from tests.loadgen import samples

FULL = samples.measurement()
TABLES = [
    tables.what_was_run,
    tables.evidence,
    tables.endpoints,
    tables.percentiles,
    tables.outcomes,
    tables.resources,
    tables.failed_answers,
]


@pytest.mark.parametrize(
    "measurement", [FULL, samples.empty_measurement(), samples.measurement_with_checks()]
)
@pytest.mark.parametrize("build", TABLES)
def test_every_row_is_as_long_as_the_head(
    build: Callable[[Measurement], Table], measurement: Measurement
) -> None:
    table = build(measurement)
    assert {len(row) for row in table.rows} <= {len(table.head)}


def test_names_from_outside_are_marked() -> None:
    assert isinstance(tables.endpoints(FULL).rows[0][0], Verbatim)
    settings = {row[0]: row[1] for row in tables.what_was_run(FULL).rows}
    assert settings["Target"] == Verbatim("http://localhost:8000")
    assert {name for name, value in settings.items() if isinstance(value, Verbatim)} == {
        "Target", "Environment", "Plan", "Run",
    }  # fmt: skip


def test_a_run_that_ended_early_says_how_far_it_came() -> None:
    run = dataclasses.replace(FULL.run, interrupted=True, planned_s=300.0)
    early = tables.what_was_run(dataclasses.replace(FULL, run=run))
    settings = {row[0]: row[1] for row in early.rows}
    assert settings["Measured"] == "15s of 5m 00s, ended early"


def test_answers_that_failed_a_check_stand_there_with_their_reason() -> None:
    first, second = tables.failed_answers(samples.measurement_with_checks()).rows
    assert first[:3] == ("/api/users", "200", "body does not contain '\"ok\": true'")
    assert isinstance(first[3], Verbatim)
    assert second[3] == "empty"
    assert tables.failed_answers(FULL).rows == ()


def test_a_long_body_is_cut() -> None:
    assert tables.shortened("x" * 200, 200) == "x" * 200
    assert tables.shortened("x" * 201, 200) == "x" * 199 + "…"


def test_phases_that_did_not_occur_have_no_column() -> None:
    assert tables.percentiles(FULL).head == (
        "", "Response time", "Service time", "Time to first byte", "Connect", "Schedule lag",
    )  # fmt: skip
    assert tables.percentiles(samples.empty_measurement()).rows == ()


def test_resources_are_summed_up_per_row_and_only_where_somebody_could_tell() -> None:
    # By hand: 61 .. 75 % and 81 .. 95 MiB in 15 seconds; the target from the second one on.
    assert tables.resources(samples.watched(FULL)).rows == (
        ("Generator CPU, of one core", "61 %", "68 %", "75 %"),
        ("Generator memory", "81.0 MiB", "88.0 MiB", "95.0 MiB"),
        ("Target CPU, of one core", "150 %", "150 %", "150 %"),
        ("Target memory", "512.0 MiB", "512.0 MiB", "512.0 MiB"),
    )
    assert tables.resources(FULL).rows == ()
