"""The result file: its schema, its arithmetic, its text."""

from __future__ import annotations

import dataclasses
import json
import math
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from loadgen.measurement import Measurement
from loadgen.result import dumps, to_dict
from tests.loadgen import judged, samples

SCHEMA = json.loads(files("loadgen").joinpath("data/result.schema.json").read_text("utf-8"))

FULL = samples.measurement()
RESULTS = [
    pytest.param(FULL, id="closed loop"),
    pytest.param(samples.measurement(open_loop=True, planned_requests=16_000.0), id="open loop"),
    pytest.param(samples.measurement(requests=10), id="ten requests"),
    pytest.param(samples.measurement(requests=300, worker_cpu_percent=(99.0,)), id="suspect"),
    pytest.param(samples.measurement_with_checks(), id="failed checks"),
    pytest.param(samples.watched(FULL), id="resources"),
    pytest.param(samples.empty_measurement(), id="nothing sent"),
    pytest.param(judged.violated(), id="judged"),
    pytest.param(judged.judge(samples.empty_measurement(), *judged.GUIDE), id="nothing to judge"),
    pytest.param(judged.compared(), id="compared"),
    pytest.param(judged.compared(requests=40), id="compared with next to nothing"),
    pytest.param(judged.rolled_back(succeeded=False), id="not rolled back"),
]


OPTIONAL = {"slo", "baseline", "rollback"}
"""Blocks that only a judged, a compared or a rolled back run has."""


def result(measurement: Measurement) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(dumps(measurement))
    return parsed


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("measurement", RESULTS)
def test_every_result_obeys_the_schema(measurement: Measurement) -> None:
    problems = [
        error.message for error in Draft202012Validator(SCHEMA).iter_errors(result(measurement))
    ]
    assert problems == []


def test_the_schema_describes_every_field_and_allows_no_other() -> None:
    def walk(node: dict[str, Any], where: str) -> None:
        for name, part in node.get("properties", {}).items():
            assert part.get("description") or "$ref" in part, f"{where}.{name} has no description"
            walk(part, f"{where}.{name}")
        if "properties" in node:
            assert node["additionalProperties"] is False, where
            optional = OPTIONAL if where == "result" else set()
            assert set(node["required"]) == set(node["properties"]) - optional, where
        if isinstance(node.get("items"), dict):
            walk(node["items"], f"{where}[]")

    walk(SCHEMA, "result")
    for name, part in SCHEMA["$defs"].items():
        walk(part, name)


@pytest.mark.parametrize("measurement", RESULTS)
def test_every_request_is_accounted_for(measurement: Measurement) -> None:
    whole = result(measurement)
    for block in (whole, *whole["endpoints"]):
        requests = block["requests"]
        assert requests["sent"] == (
            requests["succeeded"] + requests["failed"] + requests["in_flight_at_end"]
        )
        by_status = sum(block["failed_status_codes"].values())
        assert requests["failed"] == sum(block["errors"].values()) + by_status
        assert block["errors"].get("check", 0) == sum(block["checks"].values())


def test_the_house_plans_names_and_values() -> None:
    """Written out by hand from the plan of the file, not from the code."""
    seen = result(FULL)
    assert list(seen) == [
        "schema", "run", "validity", "requests", "throughput_rps", "error_rate_percent",
        "latency_ms", "service_ms", "ttfb_ms", "connect_ms", "tls_ms", "schedule_lag_ms",
        "status_codes", "failed_status_codes", "errors", "checks", "bytes", "warmup",
        "endpoints", "failed_answers", "timeline", "resources",
    ]  # fmt: skip
    assert seen["schema"] == "loadgen.result/1"
    assert seen["run"]["started_at"] == "2025-01-27T10:30:00.000Z"
    assert seen["requests"]["sent"] == 15_760
    assert seen["requests"]["failed"] == 19 + 3
    assert seen["status_codes"] == {"200": 15_738, "500": 13, "503": 6}
    assert seen["failed_status_codes"] == {"500": 13, "503": 6}
    assert seen["errors"] == {"timeout": 3}
    assert seen["throughput_rps"] == pytest.approx(15_757 / 15, rel=1e-4)
    assert seen["error_rate_percent"] == pytest.approx(22 / 15_760 * 100, rel=1e-4)
    assert list(seen["latency_ms"]) == [
        "n", "min", "mean", "p50", "p75", "p90", "p95", "p99", "p99_9", "p99_99", "max",
    ]  # fmt: skip
    assert seen["latency_ms"]["p99_9"] is not None
    assert seen["latency_ms"]["p99_99"] is None
    assert seen["tls_ms"] == {"n": 0} | dict.fromkeys(list(seen["tls_ms"])[1:])
    assert seen["endpoints"][2]["name"] == "/api/orders"
    assert seen["endpoints"][2]["latency_ms"]["p50"] == pytest.approx(120, rel=0.05)
    assert list(seen["timeline"][0]) == [
        "t_s", "sent", "succeeded", "failed", "p50", "p95", "p99", "max", "vus", "in_flight",
        "errors", "own_lag_p99_ms", "worker_cpu_percent",
    ]  # fmt: skip
    assert len(seen["timeline"]) == 15


def test_no_data_is_null_and_never_zero() -> None:
    seen = result(samples.empty_measurement())
    assert seen["error_rate_percent"] is None
    assert seen["latency_ms"]["p50"] is None
    assert seen["throughput_rps"] == 0.0
    assert seen["run"]["failure"] == "worker 1 was killed by SIGKILL"


def test_one_failure_in_ten_million_is_not_rounded_away() -> None:
    whole = dataclasses.replace(FULL.total, succeeded=9_999_999, failed=1, sent=10_000_000)
    seen = to_dict(dataclasses.replace(FULL, total=whole))
    assert seen["error_rate_percent"] == 1e-5


def test_the_text_is_json_with_a_line_a_block() -> None:
    text = dumps(FULL)
    assert text.endswith("}\n")
    assert json.loads(text) == to_dict(FULL)
    lines = text.splitlines()
    assert sum(line.lstrip().startswith('{"t_s": ') for line in lines) == 15
    assert sum('"latency_ms": {"n": ' in line for line in lines) == 7


def test_what_is_not_a_number_is_refused() -> None:
    """NaN is not JSON; a file with it could not be read by most."""
    broken = dataclasses.replace(FULL, run=dataclasses.replace(FULL.run, warmup_s=math.nan))
    with pytest.raises(ValueError, match="not JSON compliant"):
        dumps(broken)


def test_resources_stand_in_bytes_and_percent() -> None:
    rows = result(samples.watched(FULL))["resources"]
    assert len(rows) == 15
    assert rows[0] == {
        "t_s": 1.0,
        "generator_cpu_percent": 61.0,
        "generator_memory_bytes": 84_934_656,
        "target_cpu_percent": None,
        "target_memory_bytes": None,
    }
    assert (rows[1]["target_cpu_percent"], rows[1]["target_memory_bytes"]) == (150.0, 536_870_912)


def test_a_verdict_with_its_evidence() -> None:
    slo = result(judged.violated())["slo"]
    assert slo["verdict"] == "FAIL"
    assert len(slo["violations"]) == 4
    p95, p99_9 = slo["objectives"][1], slo["objectives"][-1]
    assert (p95["name"], p95["limit"], p95["unit"], p95["comparison"]) == (
        "p95 <= 250ms",
        250.0,
        "ms",
        "<=",
    )
    assert (p95["verdict"], p95["n"]) == ("FAIL", 1_000)
    low, high = p95["interval"]
    assert 250 < low < p95["observed"] < high
    assert (p99_9["verdict"], p99_9["observed"], p99_9["interval"][1]) == (
        "INCONCLUSIVE",
        None,
        None,
    )
    assert p99_9["reason"].startswith("1,000 requests are too few for p99.9")


def test_blocks_that_a_run_does_not_have_are_not_there() -> None:
    assert OPTIONAL & result(FULL).keys() == set()
    assert OPTIONAL & result(judged.rolled_back()).keys() == {"slo", "rollback"}
