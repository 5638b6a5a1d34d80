"""The options of a run: one declaration, every command."""

from __future__ import annotations

import inspect
from dataclasses import fields

import pytest

from loadgen.cli.options import RunOptions, takes_run_options
from loadgen.config.load_test_section import LoadTest
from loadgen.config.model import keys_of
from loadgen.errors import ConfigError

NO_VALUE_OF_A_RUN = {"url", "config", "no_config", "environment", "objective"} | {
    "no_deployment_report"
}
IN_FILES_ONLY = {"endpoints"}


def test_every_value_of_the_file_has_an_option_and_the_other_way_round() -> None:
    options = {field.name for field in fields(RunOptions)} - NO_VALUE_OF_A_RUN
    keys = {"header" if key == "headers" else key for key in keys_of(LoadTest)}
    assert options == keys - IN_FILES_ONLY


def test_only_what_was_typed_is_given() -> None:
    assert RunOptions().flags().values == {}
    flags = RunOptions(rate="5", header=["A: 1"], pin=False, quiet=True).flags()
    assert flags.values == {"rate": "5", "headers": ["A: 1"], "pin": False, "quiet": True}
    switches = {
        "pin": False,
        "keepalive": False,
        "tls_resume": False,
        "fail_on_violation": False,
        "history": False,
    }
    assert RunOptions(**switches).flags().values == switches  # type: ignore[arg-type]  # by name


def test_no_deployment_report_is_a_value_of_the_other_option() -> None:
    flags = RunOptions(no_deployment_report=True).flags()
    assert flags.values == {"deployment_report": False}
    assert flags.names["deployment_report"] == "--no-deployment-report"


def test_objectives_are_handed_on_in_their_order() -> None:
    assert RunOptions().flags().objectives == ()
    assert RunOptions(objective=["b", "a"]).flags().objectives == ("b", "a")


def test_the_target_in_either_place() -> None:
    by_place = RunOptions(url="http://h:1").flags()
    assert by_place.values == {"target": "http://h:1"}
    assert by_place.names["target"] == "URL"
    by_name = RunOptions(target="http://h:1").flags()
    assert by_name.values == by_place.values
    assert "target" not in by_name.names


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (RunOptions(url="a", target="a"), "URL: found with --target, expected one of them"),
        (
            RunOptions(config="a", no_config=True),
            "--config: found with --no-config, expected one of them",
        ),
        (
            RunOptions(deployment_report="a", no_deployment_report=True),
            "--deployment-report: found with --no-deployment-report, expected one of them",
        ),
    ],
)
def test_what_cannot_be_said_together(options: RunOptions, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        options.flags()
    assert caught.value.problems == (problem,)


def test_a_command_gets_one_parameter_per_option() -> None:
    seen: list[RunOptions] = []
    command = takes_run_options(seen.append)
    assert list(inspect.signature(command).parameters) == [f.name for f in fields(RunOptions)]
    command(rate="5")
    assert seen == [RunOptions(rate="5")]
