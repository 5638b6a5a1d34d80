"""The `loadgen` command: errors as lines and exit codes, help that is whole."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from loadgen.cli import main
from loadgen.cli.options import RunOptions


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No config file, no environment, a terminal that is wide enough for whole lines."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ENVIRONMENT", raising=False)
    monkeypatch.delenv("LOG_LEVEL", raising=False)
    monkeypatch.setenv("COLUMNS", "300")


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (
            ["run", "--durtion", "5"],
            ["No such option: --durtion; did you mean --duration? (see loadgen run --help)"],
        ),
        (["rn"], ["No such command 'rn'. Did you mean 'run'? (see loadgen --help)"]),
        (["--nope"], ["No such option: --nope (see loadgen --help)"]),
        (["run", "a", "b"], ["Got unexpected extra argument(s) (b) (see loadgen run --help)"]),
        (["run", "--pattern", "wave"],
         ["--pattern: found 'wave', expected sustained, burst, ramp-up, rate or stages"]),
        (["run", "localhost:8000"],
         ["URL: 'localhost:8000' has no scheme; did you mean http://localhost:8000 ?"]),
        (["run", "--target", "ftp://x"],
         ["--target: 'ftp://x': scheme 'ftp' is not supported; use http://, https:// or "
          "http+unix://"]),
        (["run", "http://a", "--target", "http://b"],
         ["URL: found with --target, expected one of them"]),
        (["run", "-c", "0"],
         ["--concurrency: found '0', expected a whole number from 1 to 1000000"]),
        (["run", "-c", "-5"],
         ["--concurrency: found '-5', expected a whole number from 1 to 1000000"]),
        (["run", "-c", "1e9"],
         ["--concurrency: found '1e9', expected a whole number from 1 to 1000000"]),
        (["run", "-d", "0"], ["--duration: found '0', expected a duration from 100ms to 30d"]),
        (["run", "--rate", "nan"],
         ["--rate: found 'nan', expected a rate per second from 0.001 to 10000000"]),
        (["run", "--workers", "0"],
         ["--workers: found '0', expected a whole number from 1 to 1024"]),
        (["run", "-H", "nonsense"],
         ["--header: found a header without a colon, expected 'Name: value'"]),
        (["run", "--connections", "5"],
         ["--connections: found with pattern sustained, where each user has a connection of its "
          "own; expected with rate or stages of rate"]),
        (["run", "--body-file", "gone"],
         ["--body-file: found 'gone', which cannot be read (No such file or directory); "
          "expected a file"]),
        (["run", "--config", "gone.yml"],
         ["gone.yml: cannot be read (No such file or directory), expected a YAML file; see "
          "`loadgen config schema` for what may stand in it"]),
        (["run", "--output", "gone/report.md"],
         ["--output: found 'gone/report.md', which cannot be written (there is no folder "
          "{}/gone); expected a file in a folder that exists and is writable"]),
        (["run", "--output", "a", "--json", "a"],
         ["--json: found 'a' as for --output, expected another file"]),
        (["run", "--quiet", "--verbose"], ["--quiet: found with --verbose, expected one of them"]),
        (["smoke", "-c", "many", "-d", "soon"],
         ["--concurrency: found 'many', expected a whole number from 1 to 1000000",
          "--duration: found 'soon', expected a duration such as 300, 300s, 5m, 1h30m or 10ms"]),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_per_mistake_and_code_2(
    arguments: list[str],
    lines: list[str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines() == [f"loadgen: {line}".format(tmp_path) for line in lines]


def test_mistakes_of_file_and_options_are_told_together(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "loadgen.yml").write_text("load_test:\n  rate: fast\n", encoding="utf-8")
    assert main(["run", "--seed", "x"]) == 2
    assert [line.split(" found")[0] for line in capsys.readouterr().err.splitlines()] == [
        "loadgen: loadgen.yml:2:9 load_test.rate:",
        "loadgen: --seed:",
    ]


def test_a_report_never_replaces_the_config(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "loadgen.yml").write_text("environment: x\n", encoding="utf-8")
    assert main(["run", "--output", "./loadgen.yml"]) == 2
    assert capsys.readouterr().err == (
        "loadgen: --output: found the config file ./loadgen.yml, expected another file\n"
    )


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.mark.parametrize("command", ["run", "smoke"])
def test_help_names_every_option(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    help_text = _plain(capsys.readouterr().out)
    options = {f"--{f.name.replace('_', '-')}" for f in fields(RunOptions)} - {"--url"}
    assert options <= set(re.findall(r"--[a-z-]+", help_text))
    assert "URL" in help_text


@pytest.mark.parametrize(
    "text",
    [
        "[default: http://localhost:8000]",
        "[default: 100]",
        "[default: 5m]",
        "[default: 10ms..100ms]",
        "[default: 500ms..2s]",
        "[default: 30s]",
        "[default: sustained]",
        "[default: 0]",
        *(f"{name}: loadgen run" for name in ("sustained", "burst", "ramp-up", "rate", "stages")),
        "Exit codes",
    ],
)
def test_help_gives_the_defaults_and_an_example_per_pattern(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--help"]) == 0
    assert text in _plain(capsys.readouterr().out)


def test_without_a_command_there_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "Usage: loadgen" in _plain(capsys.readouterr().out)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("loadgen ")


def test_a_target_that_refuses_is_code_4_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Port 1 is never listened on: it needs root, and nobody uses tcpmux."""
    assert main(["run", "http://127.0.0.1:1", "-d", "1", "--quiet"]) == 4
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert printed.err.startswith("loadgen: ")
    assert "127.0.0.1" in printed.err


def test_as_a_program_it_ends_with_its_code() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "loadgen", "run", "--rate", "0"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])},
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "loadgen: --rate: found '0', expected a rate per second from 0.001 to 10000000\n"
    )


def test_a_reader_that_has_gone_is_no_traceback() -> None:
    """As in `loadgen config schema | head -1`."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "loadgen", "config", "schema"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])},
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")
