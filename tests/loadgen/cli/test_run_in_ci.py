"""`loadgen run` in a pipeline: the deployment report, JUnit XML, and what GitHub is told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from loadgen.cli import main
from loadgen.target.launch import running_target

SHORT = ("--duration", "0.3", "--concurrency", "2", "--workers", "1", "--no-pin")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running_target() as address:
        yield address


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ENVIRONMENT", raising=False)


def test_the_guides_deployment_report_is_appended_to(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("deploy").mkdir()
    report = Path("deploy/deployment_report.md")
    report.write_text("# Deployments\n", encoding="utf-8")
    for _ in range(2):
        assert main(["run", url, *SHORT]) in {0, 3}
        assert "Written: deploy/deployment_report.md\n" in capsys.readouterr().out
    assert main(["run", url, *SHORT, "--no-deployment-report"]) in {0, 3}
    text = report.read_text("utf-8")
    assert text.startswith(
        "# Deployments\n\n## 📊 Load Test Performance Results\n\n**Timestamp:** "
    )
    assert text.count("\n## 📊 Load Test Performance Results\n") == 2


def test_another_deployment_report_by_option_and_by_file(url: str) -> None:
    Path("deploy").mkdir()
    assert main(["run", url, *SHORT, "--deployment-report", "one.md"]) in {0, 3}
    Path("loadgen.yml").write_text("load_test: {deployment_report: two.md}\n", encoding="utf-8")
    assert main(["run", url, *SHORT]) in {0, 3}
    Path("loadgen.yml").write_text("load_test: {deployment_report: no}\n", encoding="utf-8")
    assert main(["run", url, *SHORT]) in {0, 3}
    for name in ("one.md", "two.md"):
        assert Path(name).read_text("utf-8").count("## 📊") == 1
    assert list(Path("deploy").iterdir()) == []


def test_a_deployment_report_that_cannot_be_written_ends_it_before_the_load(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", url, *SHORT, "--deployment-report", "none/report.md"]) == 2
    assert "there is no folder none" in capsys.readouterr().err


def test_a_violated_objective_is_a_failed_test_case(url: str) -> None:
    code = main(["run", url, *SHORT, "--objective", "p50 < 1us", "--junit", "junit.xml"])
    suite = ET.parse("junit.xml").getroot()[0]
    outcome = {1: "failure", 3: "skipped"}[code]
    [case] = [each for each in suite.iter("testcase") if each.get("name") == "p50 < 0.001ms"]
    assert case.find(outcome) is not None


@pytest.fixture
def workflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The variables of a step; returns where its files are."""
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.example")
    monkeypatch.setenv("GITHUB_REPOSITORY", "owner/shop")
    monkeypatch.setenv("GITHUB_RUN_ID", "17")
    return tmp_path


def test_a_step_of_a_workflow_tells_github(
    url: str, workflow: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", url, *SHORT]) in {0, 3}
    assert re.search(r"^::(notice|warning) title=Load test", capsys.readouterr().out, re.MULTILINE)
    summary = (workflow / "GITHUB_STEP_SUMMARY").read_text("utf-8")
    assert f": {url}\n" in summary
    assert "(<https://github.example/owner/shop/actions/runs/17>)" in summary
    assert not (workflow / "GITHUB_OUTPUT").exists()


def test_annotations_stay_out_of_a_result_on_standard_output(
    url: str, workflow: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", url, *SHORT, "--json", "-"]) in {0, 3}
    printed = capsys.readouterr()
    assert json.loads(printed.out)["schema"] == "loadgen.result/1"
    assert "\n::" in printed.err


def test_outputs_are_written_when_they_are_asked_for(url: str, workflow: Path) -> None:
    code = main(["run", url, *SHORT, "--github-output", "--html", "r.html", "--json", "r.json"])
    lines = (workflow / "GITHUB_OUTPUT").read_text("utf-8").splitlines()
    values = dict(line.split("=", 1) for line in lines)
    result = json.loads(Path("r.json").read_text("utf-8"))
    assert values["verdict"] == {0: "PASS", 3: "INCONCLUSIVE"}[code]
    assert float(values["throughput"]) == pytest.approx(result["throughput_rps"], rel=1e-3)
    assert values["report"] == "r.html"
    assert values["run"] == result["run"]["id"]


def test_outputs_outside_of_a_workflow_are_a_mistake(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", url, *SHORT, "--github-output"]) == 2
    assert "--github-output: found no $GITHUB_OUTPUT" in capsys.readouterr().err
