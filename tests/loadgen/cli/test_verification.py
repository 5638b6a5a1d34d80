"""What options and file make of a verification, before anything is sent."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from loadgen.cli.canary_options import CanaryOptions
from loadgen.cli.verification import gather
from rollout.canary.verification import StepName

TYPED = CanaryOptions(
    canary_url="http://canary:8000", production_url="http://prod:8000", no_config=True
)
FILE = """
load_test: {duration: 10m, endpoints: {/api/users: 1, /api/orders: 3}}
thresholds: {latency: {p95: 200}}
canary: {compare_rate: 50, baseline_url: "http://fresh:8000"}
"""


def test_a_comparison_is_as_long_as_the_load_test() -> None:
    options = gather(TYPED, {}).options
    assert options.comparison is not None
    assert options.comparison.duration_s == 300.0  # the guide's
    assert options.comparison.baseline_url == "http://prod:8000"
    assert options.comparison.max_duration_s is None
    shorter = gather(dataclasses.replace(TYPED, load_duration="90s"), {}).options
    assert shorter.comparison is not None
    assert shorter.comparison.duration_s == shorter.plan.duration_s == 90.0


def test_an_extended_one_takes_three_times_as_long_at_most() -> None:
    options = gather(dataclasses.replace(TYPED, on_inconclusive="extend"), {}).options
    assert options.comparison is not None
    assert options.comparison.max_duration_s == 900.0


def test_without_objectives_the_load_test_has_the_error_budget_of_comparisons() -> None:
    (objective,) = gather(TYPED, {}).options.gate.objectives
    assert objective.condition == "error_rate <= 0.5%"


def test_the_file_says_what_was_not_typed(tmp_path: Path) -> None:
    config = tmp_path / "loadgen.yml"
    config.write_text(FILE)
    typed = dataclasses.replace(TYPED, no_config=False, config=str(config), compare_rate="70")
    options = gather(typed, {}).options
    assert options.comparison is not None
    assert options.comparison.rate_rps == 70.0
    assert options.comparison.baseline_url == "http://fresh:8000"
    assert options.comparison.duration_s == 600.0
    assert [each.condition for each in options.comparison.objectives] == ["p95 <= 200ms"]
    assert [request.label for request in options.plan.requests] == ["/api/users", "/api/orders"]
    assert options.preflight.startswith("480 s at 70 requests/s per arm: finds")


@pytest.mark.parametrize("name", list(StepName))
def test_any_step_may_be_skipped(name: StepName) -> None:
    options = gather(dataclasses.replace(TYPED, skip=[name.option], load_test=True), {}).options
    assert options.left_out[name] == f"--skip {name.option}"
    assert (options.comparison is None) == (name is StepName.COMPARISON)
