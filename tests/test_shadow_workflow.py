"""shadow-test.yml does what it says: its `run:` steps are run as GitHub would, on real servers."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rollout.shadow.answering import Answering, answering
from tests.workflow import ROOT, Runner, Workflow, examples_of

SHADOW = Workflow.read("shadow-test.yml", "shadow-test")
LOADTEST = Workflow.read("loadtest.yml", "load-test")
GUIDE = ROOT / "docs" / "shadow.md"
LOG = "\n".join(
    f'1.2.3.4 - - [25/Nov/2026:10:30:00 +0000] "GET /users/{number} HTTP/1.1" 200 1'
    for number in range(400)
)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    made = Runner(tmp_path, SHADOW)
    (made.workspace / "access.log").write_text(LOG, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def production() -> Iterator[Answering]:
    with answering(lambda _, target: {"path": target}) as server:
        yield server


@pytest.fixture(scope="module")
def canary() -> Iterator[Answering]:
    with answering(lambda _, target: {"path": target, "new": 1}) as server:
        yield server


def sides(production: Answering, canary: Answering, **more: str) -> dict[str, str]:
    """The inputs of a replay as fast as it goes."""
    given = {"production_url": production.url, "canary_url": canary.url, "source": "access.log"}
    return SHADOW.inputs(**{**given, "speed": "max", **more})


def test_equal_sides_pass_and_hand_the_canary_on(runner: Runner, production: Answering) -> None:
    done = runner.run("Shadow test", sides(production, production))
    assert done.code == 0, done.errors
    assert done.outputs == {
        "verdict": "PASS",
        "mismatch_rate": "0",
        "canary_url": production.url,
        "report": "shadow-reports/report.html",
    }
    result = json.loads((runner.workspace / "shadow-reports/result.json").read_text("utf-8"))
    assert result["requests"]["compared"] == 400
    page = (runner.workspace / "shadow-reports/report.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert f"Shadow Test PASS: {production.url}" in done.summary
    assert re.search(r"^::notice title=Shadow test PASS::", done.printed, re.MULTILINE)


@pytest.mark.parametrize(("fail_on_mismatch", "code"), [("true", 1), ("false", 0)])
def test_a_canary_that_differs_fails_the_job_when_it_is_to(
    runner: Runner, production: Answering, canary: Answering, fail_on_mismatch: str, code: int
) -> None:
    done = runner.run("Shadow test", sides(production, canary, fail_on_mismatch=fail_on_mismatch))
    assert done.code == code, done.errors
    assert (done.outputs["verdict"], done.outputs["mismatch_rate"]) == ("FAIL", "100")
    assert re.search(r"^::error title=Shadow test FAIL::", done.printed, re.MULTILINE)


@pytest.mark.parametrize(("fail_on_inconclusive", "code"), [("true", 3), ("false", 0)])
def test_too_few_pairs_stop_the_chain_when_they_are_to(
    runner: Runner, production: Answering, fail_on_inconclusive: str, code: int
) -> None:
    (runner.workspace / "few.log").write_text(LOG[:1000], encoding="utf-8")
    given = sides(
        production, production, source="few.log", fail_on_inconclusive=fail_on_inconclusive
    )
    done = runner.run("Shadow test", given)
    assert (done.code, done.outputs["verdict"]) == (code, "INCONCLUSIVE"), done.errors


def test_without_inputs_the_config_says_it_all(runner: Runner, production: Answering) -> None:
    """The guide gives none."""
    (runner.workspace / "loadgen.yml").write_text(
        f"canary: {{production_url: '{production.url}', canary_url: '{production.url}'}}\n"
        "shadow: {replay: access.log}\n",
        encoding="utf-8",
    )
    done = runner.run("Shadow test", SHADOW.inputs(speed="max"))
    assert (done.code, done.outputs["verdict"]) == (0, "PASS"), done.errors


def test_without_anything_it_says_what_is_missing(runner: Runner) -> None:
    done = runner.run("Shadow test", SHADOW.inputs())
    assert done.code == 2
    assert "canary.canary_url in loadgen.yml" in done.errors
    assert done.outputs == {}


HOSTILE = "x'\"; touch hacked; $(touch hacked) `touch hacked` && touch hacked\n#"
TEXTS = (
    "canary_url",
    "production_url",
    "baseline_url",
    "source",
    "speed",
    "config",
    "max_mismatch",
)


@pytest.mark.parametrize("evil", [HOSTILE, "--help"])
def test_no_input_is_a_command_or_an_option(
    runner: Runner, production: Answering, evil: str
) -> None:
    done = runner.run("Shadow test", sides(production, production, **dict.fromkeys(TEXTS, evil)))
    assert "hacked" not in os.listdir(runner.workspace)
    assert "Usage:" not in done.printed
    assert done.code == 2, done.errors


def test_what_is_installed_is_what_was_said(runner: Runner) -> None:
    runner.program("python", '#!/usr/bin/env bash\nprintf "%s\\n" "$@"\n')
    done = runner.run("Install loadgen", SHADOW.inputs(package="loadgen; touch hacked"))
    assert done.printed.splitlines()[-2:] == ["--", "loadgen; touch hacked"]
    assert "hacked" not in os.listdir(runner.workspace)


def test_every_output_is_written_by_the_step_that_it_is_taken_from(
    runner: Runner, production: Answering
) -> None:
    written = runner.run("Shadow test", sides(production, production)).outputs
    taken = re.findall(r"steps\.shadow-test\.outputs\.(\w+)", json.dumps(SHADOW.outputs))
    assert set(taken) == set(written)
    offered = re.findall(r"jobs\.shadow-test\.outputs\.(\w+)", json.dumps(SHADOW.call["outputs"]))
    assert set(offered) == SHADOW.outputs.keys()
    assert {"canary_url", "mismatch_rate", "verdict"} <= SHADOW.call["outputs"].keys()


def test_no_input_is_required() -> None:
    assert not any(each.get("required") == "true" for each in SHADOW.call["inputs"].values())


@pytest.mark.parametrize("job", examples_of(GUIDE, "shadow-test.yml"))
def test_the_examples_use_what_there_is(job: dict[str, Any]) -> None:
    assert job.get("with", {}).keys() <= SHADOW.call["inputs"].keys()


@pytest.mark.parametrize("job", examples_of(GUIDE, "loadtest.yml"))
def test_a_load_test_takes_the_canary_of_a_shadow_test(job: dict[str, Any]) -> None:
    assert job["needs"] == "shadow-test"
    assert job["with"]["target_url"] == "${{ needs.shadow-test.outputs.canary_url }}"
    assert job["with"].keys() <= LOADTEST.call["inputs"].keys()


def test_there_are_examples() -> None:
    assert len(examples_of(GUIDE, "shadow-test.yml")) >= 2
    assert len(examples_of(GUIDE, "loadtest.yml")) >= 1
