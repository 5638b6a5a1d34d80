"""What a run is held against: file, environment and options laid over each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from loadgen.config.file import parse_config
from loadgen.config.gate import GateSettings
from loadgen.config.settings import Flags, combine, flags_layer
from loadgen.errors import ConfigError
from slo.objective import Decide

GUIDE = Path(__file__).resolve().parents[2] / "fixtures/guide"


def _gate(
    text: str | None,
    *objectives: str,
    environment: str | None = None,
    **options: object,
) -> GateSettings:
    def nothing(name: str) -> bytes:
        raise FileNotFoundError(name)

    file = parse_config(text, "loadgen.yml", nothing) if text else None
    layer = flags_layer(Flags(values=options, names={}), nothing)
    return combine(file, layer, {}, environment=environment, objectives=objectives).gate


def _texts(gate: GateSettings) -> list[str]:
    return [objective.text for objective in gate.options.objectives]


def test_nothing_is_asked_for_by_default() -> None:
    gate = _gate(None)
    assert gate == GateSettings()
    assert gate.options.objectives == ()
    assert gate.options.fail_on_violation
    assert gate.keep_runs == 20
    assert gate.margin.ratio == 0.05


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (
            "staging",
            "p50 <= 150ms p95 <= 300ms p99 <= 500ms error_rate <= 1% throughput >= 500/s",
        ),
        (
            "production",
            "p50 <= 80ms p95 <= 200ms p99 <= 350ms error_rate <= 0.1% throughput >= 2000/s",
        ),
    ],
)
def test_the_guide_s_thresholds_by_environment(environment: str, expected: str) -> None:
    text = (GUIDE / "performance-configuration.yml").read_text("utf-8")
    assert " ".join(_texts(_gate(text, environment=environment))) == expected


def test_an_environment_replaces_thresholds_one_by_one() -> None:
    text = (
        "thresholds: {latency: {p50: 100, p99: 400}, error_rate: 0.5}\n"
        "environments: {staging: {thresholds: {latency: {p99: 0.5}, throughput: 10}}}\n"
    )
    assert _texts(_gate(text)) == [
        "p50 <= 100ms",
        "p99 <= 0.5ms",
        "error_rate <= 0.5%",
        "throughput >= 10/s",
    ]


OBJECTIVES = """\
load_test:
  endpoints: {/api/orders: 1, /api/users: 1}
objectives:
  - p99 of /api/orders < 250ms
  - {objective: "error_rate < 1%, abort, after 5s", abort: no, after: 10s, min_samples: 1k}
  - {objective: p95 < 300ms for 1m, decide: confident}
environments:
  calm: {objectives: [throughput > 10]}
"""


def test_objectives_of_the_file_and_of_the_command_line() -> None:
    assert _texts(_gate(OBJECTIVES, "max < 2s")) == [
        "p99 of /api/orders < 250ms",
        "error_rate < 1%, after 10s, min_samples 1000",
        "p95 < 300ms for 1m, decide confident",
        "max < 2000ms",
    ]


def test_an_environment_s_objectives_replace_the_file_s() -> None:
    assert _texts(_gate(OBJECTIVES, environment="calm")) == ["throughput > 10/s"]


def test_how_it_is_decided_unless_an_objective_says_otherwise() -> None:
    gate = _gate(
        "thresholds: {error_rate: 1}", "p50 < 1s", "max < 2s, decide point", decide="confident"
    )
    assert [each.decide for each in gate.options.objectives] == [
        Decide.CONFIDENT,
        Decide.CONFIDENT,
        Decide.POINT,
    ]


def test_what_a_verdict_does() -> None:
    gate = _gate(
        "thresholds: {error_rate: 1}",
        abort_on_violation=True,
        stop_when_decided=True,
        fail_on_violation=False,
    )
    assert gate.options.objectives[0].abort
    assert gate.options.stop_when_decided
    assert not gate.options.fail_on_violation


@pytest.mark.parametrize(
    ("given", "stops", "pass_after_s"),
    [
        pytest.param({}, False, 120, id="neither"),
        pytest.param({"stop_when_decided": True}, True, 120, id="the default: docs/slo.md says 2m"),
        pytest.param({"stop_when_decided_after": "30s"}, True, 30, id="a time asks for it, too"),
        pytest.param(
            {"stop_when_decided": False, "stop_when_decided_after": "30s"}, False, 30, id="refused"
        ),
    ],
)
def test_when_a_decided_run_ends(given: dict[str, Any], stops: bool, pass_after_s: float) -> None:
    options = _gate("thresholds: {error_rate: 1}", **given).options
    assert (options.stop_when_decided, options.pass_after_s) == (stops, pass_after_s)


ROLLBACK = """\
rollback:
  command: [kubectl, rollout, undo, "deployment/{deployment}", -n, "{namespace}"]
  timeout: 2m
  retries: 5
"""


def test_a_rollback_of_the_file() -> None:
    rollback = _gate(ROLLBACK, deployment="shop", namespace="prod").rollback
    assert rollback is not None
    assert rollback.command[3] == "deployment/{deployment}"
    assert (rollback.timeout_s, rollback.retries, rollback.auto) == (120.0, 5, False)
    assert (rollback.deployment, rollback.namespace) == ("shop", "prod")


def test_a_rollback_of_the_command_line_wins_and_is_taken_apart_as_by_a_shell() -> None:
    text = f"{ROLLBACK}  auto: true\n"
    rollback = _gate(text, rollback_command="undo 'a b' {run_id}").rollback
    assert rollback is not None
    assert rollback.command == ("undo", "a b", "{run_id}")
    assert (rollback.auto, rollback.retries) == (True, 5)


def test_history_and_margin() -> None:
    gate = _gate("history: {keep: 3}\nregression: {margin: 7.5%}\n", baseline="last")
    assert (gate.keep_runs, gate.baseline) == (3, "last")
    assert gate.margin.ratio == pytest.approx(0.075)
    assert _gate("history: {keep: 3}", history=False).keep_runs == 0


@pytest.mark.parametrize(
    ("text", "objectives", "options", "problems"),
    [
        (
            "objectives:\n  - p99 < 250\n",
            (),
            {},
            [
                "loadgen.yml:2:5 objectives.0: 'p99 < 250', column 7: found '250', expected a "
                "time such as 250ms, 80us or 2s"
            ],
        ),
        (
            "objectives:\n  - abort: yes\n    objective: p99 > 250ms\n",
            (),
            {},
            [
                "loadgen.yml:3:16 objectives.0.objective: 'p99 > 250ms', column 5: found '>', "
                "an objective says what must hold; expected < or <="
            ],
        ),
        (
            "objectives:\n  - {objective: p99 < 1s, aborts: yes}\n",
            (),
            {},
            [
                "loadgen.yml:2:27 objectives.0.aborts: found an unknown key, expected a key of "
                "objectives; did you mean abort?"
            ],
        ),
        (
            None,
            ("p95 < 1s", "p9x < 1s", "erorr_rate < 1%"),
            {},
            [
                "--objective: 'p9x < 1s', column 1: found 'p9x', expected what is measured, such "
                "as p99, ttfb p90 or error_rate; did you mean p99?",
                "--objective: 'erorr_rate < 1%', column 1: found 'erorr_rate', expected what is "
                "measured, such as p99, ttfb p90 or error_rate; did you mean error_rate?",
            ],
        ),
        (
            OBJECTIVES.replace("of /api/orders", "of /api/order"),
            ("p99 of /api/user < 1s",),
            {},
            [
                "loadgen.yml:4:5 objectives.0: objective 'p99 of /api/order < 250ms': no endpoint "
                "is called '/api/order'; expected one of /api/orders, /api/users; did you mean "
                "/api/orders?",
                "--objective: objective 'p99 of /api/user < 1000ms': no endpoint is called "
                "'/api/user'; expected one of /api/orders, /api/users; did you mean /api/users?",
            ],
        ),
        (
            ROLLBACK,
            (),
            {"deployment": "shop"},
            [
                "loadgen.yml:2:12 rollback.command: found {namespace} and nothing that it stands "
                "for, expected --namespace"
            ],
        ),
        (
            None,
            (),
            {"rollback_command": "undo {pod}"},
            [
                "--rollback-command: found the placeholder {pod}, expected one of {deployment}, "
                "{namespace}, {run_id}, {violations}"
            ],
        ),
        (
            None,
            (),
            {"rollback_command": "undo 'x"},
            [
                '--rollback-command: found "undo \'x", expected a command and its arguments as '
                "in a shell (no closing quotation)"
            ],
        ),
        (
            None,
            (),
            {"auto_rollback_on_loadfail": True},
            [
                "--auto-rollback-on-loadfail: found no command, expected --rollback-command or "
                "rollback.command"
            ],
        ),
        (
            "regression: {margin: -1%}",
            (),
            {},
            ["loadgen.yml:1:22 regression.margin: found '-1', expected a number from 0.01 to 1000"],
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    text: str | None, objectives: tuple[str, ...], options: dict[str, Any], problems: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        _gate(text, *objectives, **options)
    assert list(caught.value.problems) == problems
