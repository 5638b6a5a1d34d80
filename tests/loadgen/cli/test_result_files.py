"""Files of a command, whatever it tells of; those of a run are tested by test_outputs.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadgen.cli.result_files import (
    file_names,
    find_files,
    report_name,
    to_stdout,
    write_files,
)


def test_files_are_found_writable_and_written(tmp_path: Path) -> None:
    outputs, problems = find_files(
        [("--json", str(tmp_path / "r.json"), str.upper), ("--html", None, str.lower)], ""
    )
    assert problems == []
    assert not to_stdout(outputs)
    assert write_files(outputs, "Text", repr)
    assert (tmp_path / "r.json").read_text() == "TEXT"


def test_every_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    here = str(tmp_path / "r")
    config = str(tmp_path / "loadgen.yml")
    _, problems = find_files(
        [
            ("--json", here, str.upper),
            ("--html", here, str.upper),
            ("--output", "gone/r.md", str.upper),
            ("--junit", config, str.upper),
        ],
        config,
    )
    assert [problem.partition(",")[0] for problem in problems] == [
        f"--html: found {here!r} as for --json",
        "--output: found 'gone/r.md'",
        f"--junit: found the config file {config}",
    ]


def test_what_cannot_be_written_is_told_whole(capsys: pytest.CaptureFixture[str]) -> None:
    outputs, _ = find_files([("--json", "/dev/full", str)], "")
    assert not write_files(outputs, "all of it", str)
    assert capsys.readouterr().err.splitlines() == [
        "loadgen: /dev/full: cannot be written (No space left on device); the result follows",
        "all of it",
    ]
    assert to_stdout(find_files([("--json", "-", str)], "")[0])


@pytest.mark.parametrize(
    ("options", "report"),
    [
        ({"--json": "r.json"}, ""),
        ({"--output": "r.md", "--json": "-"}, "r.md"),
        ({"--output": "r.md", "--html": "r.html"}, "r.html"),
        ({"--html": "-"}, ""),
    ],
)
def test_people_are_sent_to_a_report_that_is_a_file(
    options: dict[str, str], report: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outputs, _ = find_files([(option, name, str) for option, name in options.items()], "")
    assert report_name(outputs) == report
    assert "-" not in file_names(outputs).values()
