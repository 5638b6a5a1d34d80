"""`loadgen config`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loadgen.cli import main
from loadgen.config.editor_schema import json_schema


def test_a_file_without_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(__file__).resolve().parents[3] / "examples" / "loadgen.yml"
    assert main(["config", "check", str(path)]) == 0
    assert capsys.readouterr().out == (f"{path}: no mistakes; environments: staging, production\n")


def test_the_file_here_is_checked_when_none_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loadgen.yml").write_text("load_test: {rate: 5}\n", encoding="utf-8")
    assert main(["config", "check"]) == 0
    assert capsys.readouterr().out == "loadgen.yml: no mistakes; environments: none\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "load_test: {rat: 5}\n",
            "{}:1:13 load_test.rat: found an unknown key, expected a key of load_test; "
            "did you mean rate?",
        ),
        (
            "environments:\n  production:\n    load_test: {rate: 5, think: 0}\n",
            "{}:3:33 environments.production.load_test.think: found with pattern rate, "
            "where no user thinks between requests; "
            "expected with sustained, ramp-up or stages of users",
        ),
    ],
)
def test_mistakes_are_found_in_every_environment(
    text: str, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "c.yml"
    path.write_text(text, encoding="utf-8")
    assert main(["config", "check", str(path)]) == 2
    assert capsys.readouterr().err == f"loadgen: {problem.format(path)}\n"


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json_schema()
