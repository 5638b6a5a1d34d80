"""`loadgen run` against the built-in target: what is printed, written and returned."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from loadgen.cli import main
from loadgen.target.launch import running_target


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running_target() as address:
        yield address


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ENVIRONMENT", raising=False)


SHORT = ("--duration", "0.3", "--concurrency", "2", "--workers", "1", "--no-pin")


def test_a_run_from_options_to_files(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = ("--output", "report.md", "--json", "result.json", "--html", "report.html")
    assert main(["run", f"{url}/api/health", *SHORT, *files]) in {0, 3}
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert lines[0] == f"Load goes to {url}/api/health (this machine)"
    assert lines[1] == "Configuration: no file, environment staging"
    assert lines[2] == f"Target: {url}/api/health, GET"
    assert lines[-3:] == ["Written: report.md", "Written: result.json", "Written: report.html"]
    assert printed.err == ""
    assert (tmp_path / "report.md").read_text("utf-8").startswith("## 📊 Load Test")
    assert (tmp_path / "report.html").read_text("utf-8").startswith("<!doctype html>\n<html")
    result = json.loads((tmp_path / "result.json").read_text("utf-8"))
    assert result["run"]["target"] == f"{url}/api/health"
    assert result["requests"]["succeeded"] > 0


def test_the_file_here_is_read_and_a_line_says_so(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"load_test:\n  target: {url}\n  rate: 50\n  endpoints: {{/api/users: 1, /none: 1}}\n"
    (tmp_path / "loadgen.yml").write_text(text, encoding="utf-8")
    assert main(["run", *SHORT, "--json", "result.json"]) in {0, 3}
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "Configuration: loadgen.yml, environment staging"
    result = json.loads((tmp_path / "result.json").read_text("utf-8"))
    assert [each["name"] for each in result["endpoints"]] == ["/api/users", "/none"]
    assert result["run"]["pattern"] == "rate"


def test_the_file_here_may_be_left_out(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "loadgen.yml").write_text("nonsense: 1\n", encoding="utf-8")
    assert main(["run", url, *SHORT, "--no-config"]) in {0, 3}
    assert capsys.readouterr().out.splitlines()[1].startswith("Configuration: no file")


def test_json_on_standard_output_leaves_it_to_the_json(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", url, *SHORT, "--json", "-"]) in {0, 3}
    printed = capsys.readouterr()
    assert json.loads(printed.out)["schema"] == "loadgen.result/1"
    assert printed.err.startswith(f"Load goes to {url} (this machine)\nConfiguration: no file")


def test_quiet_prints_nothing(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", url, *SHORT, "--quiet"]) in {0, 3}
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "")


def test_files_are_written_whatever_the_verdict(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every answer is a 404, so no request succeeds: code 4."""
    assert main(["run", f"{url}/none", *SHORT, "--json", "result.json"]) == 4
    result = json.loads((tmp_path / "result.json").read_text("utf-8"))
    assert result["requests"]["succeeded"] == 0
    assert result["status_codes"]["404"] == result["requests"]["failed"]


def test_a_result_that_cannot_be_written_is_not_lost(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", url, *SHORT, "--quiet", "--json", "/dev/full"]) in {3, 4}
    first, _, rest = capsys.readouterr().err.partition("\n")
    assert first == (
        "loadgen: /dev/full: cannot be written (No space left on device); the result follows"
    )
    assert json.loads(rest)["schema"] == "loadgen.result/1"


def test_a_run_outlives_the_reader_of_its_output(url: str, tmp_path: Path) -> None:
    """As in `loadgen run | head -1`: it goes on, writes its files and ends with its code."""
    command = [sys.executable, "-m", "loadgen", "run", url, *SHORT, "--json", "result.json"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == f"Load goes to {url} (this machine)\n"
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode in {0, 3}
    result = json.loads((tmp_path / "result.json").read_text("utf-8"))
    assert result["requests"]["succeeded"] > 0
