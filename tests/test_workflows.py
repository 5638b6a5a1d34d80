"""The workflows do what they say: the `run:` steps of loadtest.yml are run as GitHub would.

The target is the built-in one; `gh` is a script that records how it is called. What can be said of
workflows without running them is said by `make lint-workflows`. test_shadow_workflow.py does the
same for shadow-test.yml.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loadgen.target.launch import running_target
from tests.workflow import ROOT, Done, Runner, Workflow, examples_of, load

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CI_GUIDE = ROOT / "docs" / "ci.md"
CODES = {"PASS": 0, "FAIL": 1, "INCONCLUSIVE": 3}

QUICK = "load_test:\n  workers: 1\n  pin: no\n  precision: cpu\n  concurrency: 2\n  duration: 1s\n"
IMPOSSIBLE = f"{QUICK}objectives:\n  - p50 < 1us\n"
LOADTEST = Workflow.read("loadtest.yml", "load-test")
inputs = LOADTEST.inputs


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path, LOADTEST)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running_target() as address:
        yield address


def test_a_run_with_the_inputs_of_the_guide(runner: Runner, url: str) -> None:
    (runner.workspace / "loadgen.yml").write_text(QUICK, encoding="utf-8")
    given = inputs(target_url=url, concurrency="20", duration="1", environment="staging")
    done = runner.run("Load test", given)
    assert done.outputs["verdict"] in {"PASS", "INCONCLUSIVE"}, done.errors
    assert done.code == CODES[done.outputs["verdict"]]

    result = json.loads((runner.workspace / "loadtest-reports/result.json").read_text("utf-8"))
    assert result["run"]["target"] == url
    assert result["run"]["users"] == 20
    assert result["run"]["duration_s"] == pytest.approx(1, abs=0.5)
    assert result["run"]["environment"] == "staging"
    assert float(done.outputs["p95"]) == pytest.approx(result["latency_ms"]["p95"], rel=1e-3)
    assert float(done.outputs["throughput"]) == pytest.approx(result["throughput_rps"], rel=1e-3)
    assert float(done.outputs["error_rate"]) == 0
    assert done.outputs["run"] == result["run"]["id"]

    report = runner.workspace / done.outputs["report"]
    assert report.read_text("utf-8").startswith("<!doctype html>")
    assert (runner.workspace / "loadtest-reports/junit.xml").read_text("utf-8").startswith("<?xml")
    assert f"Load Test {'PASSED' if done.code == 0 else 'INCONCLUSIVE'}: {url}" in done.summary
    assert (runner.workspace / "loadtest-reports/summary.md").read_text("utf-8") == done.summary
    assert re.search(r"^::(notice|warning) title=Load test", done.printed, re.MULTILINE)


@pytest.mark.parametrize(("fail_on_violation", "code"), [("true", 1), ("false", 0)])
def test_a_violated_objective_fails_the_job_when_it_is_to(
    runner: Runner, url: str, fail_on_violation: str, code: int
) -> None:
    (runner.workspace / "impossible.yml").write_text(IMPOSSIBLE, encoding="utf-8")
    given = inputs(target_url=url, config="impossible.yml", fail_on_violation=fail_on_violation)
    done = runner.run("Load test", given)
    assert done.outputs["verdict"] in {"FAIL", "INCONCLUSIVE"}, done.errors
    assert done.code == (code if done.outputs["verdict"] == "FAIL" else 3)
    if done.outputs["verdict"] == "FAIL":
        assert re.search(
            r"^::error title=Load test FAILED::P50 latency", done.printed, re.MULTILINE
        )
        assert "- P50 latency" in done.summary


def test_a_mistake_in_an_input_is_a_mistake_of_configuration(runner: Runner, url: str) -> None:
    done = runner.run("Load test", inputs(target_url=url, pattern="sustaned"))
    assert done.code == 2
    assert "sustaned" in done.errors
    assert done.outputs == {}


HOSTILE = "x'\"; touch hacked; $(touch hacked) `touch hacked` && touch hacked\n#"


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        *((name, {2}) for name in ("target_url", "concurrency", "duration", "pattern", "config")),
        ("baseline", {2}),
        ("environment", {0, 3}),  # without a list of them in a file any name is one
    ],
)
def test_no_input_is_a_command_or_an_option(
    runner: Runner, url: str, name: str, codes: set[int]
) -> None:
    for evil in (HOSTILE, "--help"):
        given = inputs(**{"target_url": url, "duration": "1", "environment": "a", name: evil})
        done = runner.run("Load test", given)
        assert "hacked" not in os.listdir(runner.workspace)
        assert "Usage:" not in done.printed
        assert done.code in codes, done.errors


def test_every_output_is_written_by_the_step_that_it_is_taken_from(
    runner: Runner, url: str
) -> None:
    (runner.workspace / "loadgen.yml").write_text(QUICK, encoding="utf-8")
    written = runner.run("Load test", inputs(target_url=url)).outputs
    job = json.dumps(LOADTEST.outputs)
    taken = re.findall(r"steps\.load-test\.outputs\.(\w+)", job)
    assert set(taken) == set(written)
    offered = re.findall(r"jobs\.load-test\.outputs\.(\w+)", json.dumps(LOADTEST.call["outputs"]))
    assert set(offered) == LOADTEST.outputs.keys()


def test_what_is_installed_is_what_was_said(runner: Runner) -> None:
    runner.program("python", '#!/usr/bin/env bash\nprintf "%s\\n" "$@"\n')
    done = runner.run("Install loadgen", inputs(target_url="", package="loadgen; touch hacked"))
    assert done.printed.splitlines()[-2:] == ["--", "loadgen; touch hacked"]
    assert done.printed.splitlines()[:3] == ["-m", "pip", "install"]
    assert "hacked" not in os.listdir(runner.workspace)


def commented(runner: Runner, *comments: str, **more: str) -> tuple[Done, list[str]]:
    """The step that comments, after these comments: what it printed, and the calls of gh."""
    reports = runner.workspace / "loadtest-reports"
    reports.mkdir()
    (reports / "summary.md").write_text("## Load Test PASSED\n", encoding="utf-8")
    runner.comments.write_text("".join(f"{line}\n" for line in comments), encoding="utf-8")
    given = inputs(target_url="", environment="staging")
    done = runner.run("Comment on the pull request", given, **more)
    assert done.code == 0, done.errors
    return done, runner.calls.read_text("utf-8").splitlines()


def test_the_first_comment(runner: Runner) -> None:
    _, calls = commented(runner, "5 <!-- loadgen production -->", "6 <!-- other -->", "7 Nice!")
    assert calls[1:] == [
        "api --silent --method POST repos/owner/shop/issues/17/comments "
        "--field body=@loadtest-reports/comment.md"
    ]
    comment = (runner.workspace / "loadtest-reports/comment.md").read_text("utf-8")
    assert comment == "<!-- loadgen staging -->\n## Load Test PASSED\n"


def test_a_comment_is_written_anew(runner: Runner) -> None:
    _, calls = commented(runner, "5 <!-- loadgen staging -->", "7 Nice!")
    assert calls[1:] == [
        "api --silent --method PATCH repos/owner/shop/issues/comments/5 "
        "--field body=@loadtest-reports/comment.md"
    ]


def test_a_comment_that_may_not_be_written_fails_nothing(runner: Runner) -> None:
    done, calls = commented(runner, GH_FAILS="1")
    assert len(calls) == 1
    assert "needs the permission pull-requests: write" in done.printed


def test_without_a_summary_there_is_no_comment(runner: Runner) -> None:
    done = runner.run("Comment on the pull request", inputs(target_url=""))
    assert done.code == 0
    assert not runner.calls.exists()


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_expression_stands_in_a_script(path: Path) -> None:
    """What is filled into a script is a part of it; what is in a variable is not."""
    jobs = load(path.read_text(encoding="utf-8"))["jobs"].values()
    scripts = [step.get("run", "") for job in jobs for step in job.get("steps", [])]
    assert any(scripts)
    assert [script for script in scripts if "${{" in script] == []


@pytest.mark.parametrize("job", examples_of(CI_GUIDE, LOADTEST.path.name))
def test_the_examples_of_the_docs_use_what_there_is(job: dict[str, Any]) -> None:
    known = LOADTEST.call["inputs"]
    required = {name for name, each in known.items() if each.get("required") == "true"}
    assert required <= job["with"].keys() <= known.keys()
    secrets = job.get("secrets", {})
    assert secrets == "inherit" or secrets.keys() <= LOADTEST.call["secrets"].keys()


def test_there_are_examples() -> None:
    assert len(examples_of(CI_GUIDE, LOADTEST.path.name)) >= 2
