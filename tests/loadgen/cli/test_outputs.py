"""The files that a run leaves: mistakes are found before it, and nothing is lost after it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loadgen.cli.outputs import find_outputs, write_outputs
from loadgen.config.settings import Settings
from loadgen.errors import ConfigError
from loadgen.plan import Plan
from tests.loadgen import samples


def settings(**files: str | None) -> Settings:
    nowhere: dict[str, str | None] = {"report_file": None, "result_file": None, "html_file": None}
    return Settings(
        plan=Plan(),
        config_name="loadgen.yml",
        quiet=False,
        log_level="WARNING",
        **{**nowhere, **files},  # type: ignore[arg-type]  # fields that are names of files
    )


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_nothing_asked_for_is_nothing_written(tmp_path: Path) -> None:
    outputs = find_outputs(settings())
    assert outputs == ()
    assert write_outputs(outputs, samples.measurement(requests=100))
    assert list(tmp_path.iterdir()) == []


def test_each_file_has_its_own_form(tmp_path: Path) -> None:
    outputs = find_outputs(settings(report_file="r.md", result_file="r.json", html_file="r.html"))
    assert list(tmp_path.iterdir()) == []
    assert write_outputs(outputs, samples.measurement(requests=100))
    assert (tmp_path / "r.md").read_text("utf-8").startswith("## ")
    assert json.loads((tmp_path / "r.json").read_text("utf-8"))["requests"]["sent"] == 100
    assert (tmp_path / "r.html").read_text("utf-8").startswith("<!doctype html>")


def test_test_cases_are_written() -> None:
    outputs = find_outputs(settings(junit_file="junit.xml"))
    assert write_outputs(outputs, samples.measurement(requests=100))
    assert Path("junit.xml").read_text("utf-8").startswith("<?xml")


def test_the_deployment_report_grows_where_its_folder_is() -> None:
    Path("deploy").mkdir()
    for _ in range(2):
        outputs = find_outputs(settings())
        assert [output.place.name for output in outputs] == ["deploy/deployment_report.md"]
        assert write_outputs(outputs, samples.measurement(requests=100))
    text = Path("deploy/deployment_report.md").read_text("utf-8")
    assert text.count("## 📊 Load Test Performance Results\n") == 2
    assert "What Was Run" not in text


def test_a_deployment_report_is_one_file_and_no_other() -> None:
    with pytest.raises(ConfigError) as caught:
        find_outputs(settings(report_file="r.md", deployment_report="./r.md"))
    assert caught.value.problems == (
        "--deployment-report: found './r.md' as for --output, expected another file",
    )
    with pytest.raises(ConfigError, match="there is no folder none"):
        find_outputs(settings(deployment_report="none/r.md"))


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        find_outputs(settings(report_file="a", result_file="./a", html_file="loadgen.yml"))
    assert caught.value.problems == (
        "--json: found './a' as for --output, expected another file",
        "--html: found the config file loadgen.yml, expected another file",
    )


def test_what_cannot_be_written_is_on_standard_error_as_the_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = find_outputs(settings(result_file="/dev/full", html_file="r.html"))
    assert not write_outputs(outputs, samples.measurement(requests=100))
    line, text = capsys.readouterr().err.split("\n", 1)
    assert line == (
        "loadgen: /dev/full: cannot be written (No space left on device); the result follows"
    )
    assert json.loads(text)["requests"]["sent"] == 100
    assert (tmp_path / "r.html").exists()
