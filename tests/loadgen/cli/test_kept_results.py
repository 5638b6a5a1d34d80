"""Result files of verifications, shadow tests and rollouts, rendered again by `loadgen report`."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadgen.cli import main
from rollout.canary import result as verification_result
from rollout.progressive import result as rollout_result
from rollout.report import (
    rollout_html,
    rollout_markdown,
    shadow_html,
    verification_html,
    verification_junit,
)
from rollout.shadow import result_file as shadow_result
from tests.rollout.report import rolled, verified
from tests.rollout.shadow.samples import failed_result


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result file of each kind."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / "verification.json").write_text(verification_result.dumps(verified.passed()))
    (folder / "rollout.json").write_text(rollout_result.dumps(rolled.rolled_back()))
    (folder / "shadow.json").write_text(shadow_result.dumps(failed_result()))
    return folder


def test_a_verification_as_it_was(folder: Path, tmp_path: Path) -> None:
    page, cases = tmp_path / "report.html", tmp_path / "cases.xml"
    arguments = ["--html", str(page), "--junit", str(cases)]
    assert main(["report", str(folder / "verification.json"), *arguments]) == 0
    assert page.read_text() == verification_html.render(verified.passed())
    assert cases.read_text() == verification_junit.render(verified.passed())


def test_a_rollout_as_it_was(folder: Path, tmp_path: Path) -> None:
    page, text = tmp_path / "report.html", tmp_path / "report.md"
    arguments = ["--html", str(page), "--markdown", str(text)]
    assert main(["report", str(folder / "rollout.json"), *arguments]) == 0
    assert page.read_text() == rollout_html.render(rolled.rolled_back())
    assert text.read_text() == rollout_markdown.render(rolled.rolled_back())


def test_a_shadow_test_as_it_was(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    assert main(["report", str(folder / "shadow.json"), "--html", str(page)]) == 0
    assert page.read_text() == shadow_html.render(failed_result())


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("verification", "Canary Verification Results"),
        ("rollout", "Progressive Rollout Results"),
        ("shadow", "Shadow Test Results"),
    ],
)
def test_on_the_terminal(
    folder: Path, name: str, title: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(folder / f"{name}.json")]) == 0
    assert title in capsys.readouterr().out


def test_a_rollout_has_no_test_cases(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(folder / "rollout.json"), "--junit", "-"]) == 2
    assert "expected --markdown, --html, --json" in capsys.readouterr().err


def test_a_file_that_does_not_keep_to_its_schema(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "result.json"
    path.write_text('{"schema": "loadgen.verification/1"}')
    assert main(["report", str(path)]) == 2
    error = capsys.readouterr().err
    assert "does not keep to its schema" in error
    assert error.count("\n") == 1
