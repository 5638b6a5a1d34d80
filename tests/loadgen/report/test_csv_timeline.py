"""The timeline as the csv module reads it back."""

from __future__ import annotations

import csv
import dataclasses
import io

from loadgen.measurement import Measurement
from loadgen.report.csv_timeline import render
from tests.loadgen import samples

FULL = samples.measurement()


def rows(measurement: Measurement) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render(measurement))))


def test_a_row_a_second_with_units_in_the_names() -> None:
    seen = rows(samples.watched(FULL))
    assert len(seen) == 15
    assert seen[0] == {
        "t_s": "1.000",
        "sent": "1049",
        "succeeded": "1046",
        "failed": "2",
        "p50_ms": "95.4",
        "p95_ms": "245.2",
        "p99_ms": "398.7",
        "max_ms": "812",
        "users": "100",
        "in_flight": "97",
        "own_lag_p99_ms": "0.041",
        "worker_cpu_max_percent": "36",
        "generator_cpu_percent": "61",
        "generator_memory_bytes": "84934656",
        "target_cpu_percent": "",
        "target_memory_bytes": "",
        "errors_timeout": "2",
    }


def test_what_was_not_measured_is_empty() -> None:
    bare = dataclasses.replace(
        samples.second(2, failed=0), p99_ms=None, own_lag_p99_ms=None, worker_cpu_percent=()
    )
    [row] = rows(dataclasses.replace(FULL, timeline=(bare,)))
    empty = {name for name, cell in row.items() if not cell}
    assert empty == {
        *("p99_ms", "own_lag_p99_ms", "worker_cpu_max_percent"),
        *("generator_cpu_percent", "generator_memory_bytes"),
        *("target_cpu_percent", "target_memory_bytes"),
    }


def test_each_class_of_errors_has_a_column_in_every_row() -> None:
    seconds = (
        dataclasses.replace(samples.second(1), errors={"timeout": 3}),
        dataclasses.replace(samples.second(2), errors={"http_500": 4}),
    )
    seen = rows(dataclasses.replace(FULL, timeline=seconds))
    errors = [[row["errors_http_500"], row["errors_timeout"]] for row in seen]
    assert errors == [["0", "3"], ["4", "0"]]


def test_small_and_large_numbers_have_no_exponent() -> None:
    second = dataclasses.replace(samples.second(1), own_lag_p99_ms=1.5e-6, max_ms=3.6e6)
    [row] = rows(dataclasses.replace(FULL, timeline=(second,)))
    assert (row["own_lag_p99_ms"], row["max_ms"]) == ("0.0000015", "3600000")


def test_no_seconds_give_the_header_only() -> None:
    assert render(samples.empty_measurement()).splitlines() == [
        "t_s,sent,succeeded,failed,p50_ms,p95_ms,p99_ms,max_ms,users,in_flight,"
        "own_lag_p99_ms,worker_cpu_max_percent,generator_cpu_percent,generator_memory_bytes,"
        "target_cpu_percent,target_memory_bytes"
    ]
