"""The gate as its users meet it: the guide's sections command by command, and each exit code.

Only time and place differ from what the guide says: runs are short, the target is ours.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from loadgen.cli import main
from loadgen.target.launch import running_target

GUIDE = Path(__file__).resolve().parents[2] / "fixtures/guide"
SHORT = ("--duration", "1", "--concurrency", "4", "--workers", "1", "--no-pin")
CALM = (*SHORT, "--precision", "cpu", "--think", "2ms")
"""A run that this machine can do even when it is busy with other tests."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running_target() as address:
        yield address


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ENVIRONMENT", raising=False)


def _result() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(Path("result.json").read_text("utf-8"))
    return read


def _configured(name: str, tmp_path: Path) -> str:
    """The guide's own YAML block in the guide's own place."""
    (tmp_path / "deploy").mkdir()
    place = shutil.copy(GUIDE / name, tmp_path / "deploy/performance_config.yml")
    return str(Path(place).relative_to(tmp_path))


def _run(url: str, *options: str) -> int:
    return main(["run", url, *CALM, "--json", "result.json", *options])


# The guide, "SLO Validation" --------------------------------------------------------------


def test_the_guide_s_thresholds_are_held_against_the_run(url: str, tmp_path: Path) -> None:
    """Throughput is the one that 4 users cannot reach when they pause."""
    config = _configured("service-level-objectives.yml", tmp_path)
    code = _run(url, "--config", config, "--think", "50ms", "--output", "report.md")
    report, result = Path("report.md").read_text("utf-8"), _result()
    assert code == (3 if result["validity"]["verdict"] == "INVALID" else 1)
    assert [each["name"] for each in result["slo"]["objectives"]] == [
        "p50 <= 100ms",
        "p95 <= 250ms",
        "p99 <= 400ms",
        "error_rate <= 0.5%",
        "throughput >= 1000/s",
    ]
    if code == 1:
        assert "**Status:** ❌ FAILED  \n**Auto-rollback Triggered:** No  \n" in report
        assert re.search(
            r"\n## ❌ SLO Violations\n\n- Throughput [\d.]+ req/sec below threshold 1000 req/sec\n",
            report,
        )


# The guide, "Performance Configuration" and "Environment-Specific Configuration" ---------


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, "staging 150 300 500 1 500"),
        ({"ENVIRONMENT": "production"}, "production 80 200 350 0.1 2000"),
        (
            {"ENVIRONMENT": "staging", "--environment": "production"},
            "production 80 200 350 0.1 2000",
        ),
    ],
)
def test_the_environment_chooses_the_thresholds(
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    chosen: dict[str, str],
    expected: str,
) -> None:
    options = ["--config", _configured("performance-configuration.yml", tmp_path)]
    for name, value in chosen.items():
        if name.startswith("--"):
            options += [name, value]
        else:
            monkeypatch.setenv(name, value)
    _run(url, *options)
    result = _result()
    limits = (f"{each['limit']:g}" for each in result["slo"]["objectives"])
    assert " ".join([result["run"]["environment"], *limits]) == expected


# The exit codes, row by row ---------------------------------------------------------------

HELD = ("--objective", "p95 < 30s", "--objective", "error_rate < 100%")
VIOLATED = ("--objective", "p50 < 1us")


@pytest.mark.parametrize(
    ("path", "options", "code", "verdict"),
    [
        pytest.param("/api/users", HELD, 0, "PASS", id="0"),
        pytest.param("/api/users", VIOLATED, 1, "FAIL", id="1"),
        pytest.param("/api/users", (*VIOLATED, "--fail-on-violation"), 1, "FAIL", id="1 asked for"),
        pytest.param("/api/users", (*VIOLATED, "--no-fail-on-violation"), 0, "FAIL", id="0 asked"),
        pytest.param(
            "/api/users", ("--objective", "p99.99 < 1s"), 3, "INCONCLUSIVE", id="3 too few"
        ),
        pytest.param(
            "/api/users",
            ("--objective", "error_rate < 1%, min_samples 1000000"),
            3,
            "INCONCLUSIVE",
            id="3 fewer than asked for",
        ),
        pytest.param("/none", HELD, 4, "FAIL", id="4 none succeeded"),
    ],
)
def test_an_exit_code(
    url: str, path: str, options: tuple[str, ...], code: int, verdict: str
) -> None:
    seen, result = _run(f"{url}{path}", *options), _result()
    if result["validity"]["verdict"] == "INVALID" and code != 4:
        code, verdict = 3, "INCONCLUSIVE"
    assert (seen, result["slo"]["verdict"]) == (code, verdict)


def test_2_for_an_objective_that_is_none(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(url, "--objective", "p99 of /api/order < 1s", "--objective", "p95 <") == 2
    assert not Path("result.json").exists()
    assert capsys.readouterr().err == (
        "loadgen: --objective: 'p95 <', column 6: the text ends here, expected a time such as "
        "250ms, 80us or 2s\n"
    )


def test_a_run_without_traffic_never_passes(url: str) -> None:
    """One request in a thousand seconds: none is due within this run."""
    options = ("--pattern", "rate", "--rate", "0.001", "--arrivals", "poisson", "--seed", "7")
    lenient = ("--objective", "throughput >= 0", "--objective", "error_rate <= 100%")
    command = ["run", url, *SHORT, *options, "--json", "result.json", *lenient]
    assert main([*command, "--no-fail-on-violation"]) == 4
    result = _result()
    assert result["requests"]["sent"] == 0
    assert result["slo"]["verdict"] == "INCONCLUSIVE"
    assert [each["verdict"] for each in result["slo"]["objectives"]] == ["INCONCLUSIVE"] * 2


def test_a_starved_generator_decides_nothing(url: str, tmp_path: Path) -> None:
    """The worker is stopped for most of the run, so half of what was due went out too late."""
    command = [sys.executable, "-m", "loadgen", "run", url, "--duration", "3", "--workers", "1"]
    command += ["--rate", "500", "--connections", "4", "--no-pin", "--precision", "cpu"]
    command += ["--json", "result.json", "--objective", "p99 < 30s", "--objective", "p50 < 1us"]
    root = str(Path(__file__).resolve().parents[3])
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": root},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if " measuring " in line:  # a second of the run is over
                break
        (worker,) = psutil.Process(process.pid).children()
        worker.send_signal(signal.SIGSTOP)
        resumed = threading.Timer(1.5, worker.send_signal, [signal.SIGCONT])
        resumed.start()
        process.stdout.read()
        resumed.join()
    result = _result()
    assert process.returncode == 3
    assert result["validity"]["verdict"] == "INVALID"
    assert {each["verdict"] for each in result["slo"]["objectives"]} == {"INCONCLUSIVE"}
    assert result["slo"]["violations"] == []


# Rollback ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "code", "succeeded"),
    [
        ("echo back {deployment} in {namespace}: {violations}", 1, True),
        ("sh -c 'echo no >&2; exit 7'", 5, False),
    ],
)
def test_a_violation_rolls_back_when_that_was_ordered(
    url: str, command: str, code: int, succeeded: bool
) -> None:
    Path("loadgen.yml").write_text("rollback: {retries: 0, timeout: 10s}\n", encoding="utf-8")
    options = ("--rollback-command", command, "--deployment", "shop", "--namespace", "prod")
    seen = _run(url, *VIOLATED, *options, "--auto-rollback-on-loadfail", "--output", "report.md")
    result, report = _result(), Path("report.md").read_text("utf-8")
    if result["validity"]["verdict"] == "INVALID":
        pytest.skip("this machine is too busy for a verdict")
    assert seen == code
    rollback = result["rollback"]
    assert (rollback["ordered"], rollback["succeeded"], rollback["attempts"]) == (
        *(True, succeeded),
        1,
    )
    assert "**Auto-rollback Triggered:** Yes  " in report
    if succeeded:
        assert rollback["output"][0].startswith("back shop in prod: P50 latency ")


@pytest.mark.parametrize(
    ("objective", "options"),
    [
        ("p50 < 1us", ()),
        ("p50 < 30s", ("--auto-rollback-on-loadfail",)),
        ("p99.99 < 1us", ("--auto-rollback-on-loadfail",)),
    ],
)
def test_a_run_touches_nothing_unasked(
    url: str, tmp_path: Path, objective: str, options: tuple[str, ...]
) -> None:
    command = ("--rollback-command", f"touch {tmp_path / 'touched'}")
    _run(url, "--objective", objective, *command, *options)
    assert not (tmp_path / "touched").exists()
    assert _result()["rollback"]["ordered"] is False


def test_a_rollback_that_could_not_be_done_is_found_out_before(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ("--rollback-command", "kubectl-of-nobody undo", "--auto-rollback-on-loadfail")
    assert _run(url, *VIOLATED, *command) == 2
    assert "rollback command: found 'kubectl-of-nobody'" in capsys.readouterr().err
    assert not Path("result.json").exists()


# History and baselines --------------------------------------------------------------------


def test_a_run_is_kept_and_the_next_one_is_compared_with_it(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--baseline", "last", "--output", "report.md")
    assert _run(url, *options) in {0, 3}
    first = _result()
    assert "Baseline: none yet that could be last\n" in capsys.readouterr().out
    assert "baseline" not in first
    if first["validity"]["verdict"] == "INVALID":
        pytest.skip("this machine is too busy for a baseline")
    assert _run(url, *options) in {0, 3}
    assert f"Baseline: {first['run']['id']}\n" in capsys.readouterr().out
    second = _result()
    assert second["baseline"]["run"] == first["run"]["id"]
    assert second["baseline"]["same_plan"] is True
    assert "\n### Baseline\n" in Path("report.md").read_text("utf-8")
    assert len(list(Path(".loadgen/runs").iterdir())) == 2
    assert main(["compare", first["run"]["id"], second["run"]["id"]]) == 0


def test_no_history_keeps_nothing(url: str) -> None:
    assert _run(url, "--no-history") in {0, 3}
    assert not Path(".loadgen").exists()


def test_a_violation_ends_the_run_when_that_was_asked_for(url: str) -> None:
    _run(url, "--duration", "20", *VIOLATED, "--abort-on-violation")
    run = _result()["run"]
    assert run["duration_s"] < 10
    assert run["stopped"].startswith("an objective that ends the run was violated: P50 latency")
