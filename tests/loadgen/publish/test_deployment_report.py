"""Where the deployment report is looked for, and that it is found writable before a run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from loadgen.errors import ConfigError
from loadgen.publish.deployment_report import find_deployment_report


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_the_folder_there_is_none() -> None:
    assert find_deployment_report(None) is None


def test_the_guides_file_in_its_folder(here: Path) -> None:
    (here / "deploy").mkdir()
    found = find_deployment_report(None)
    assert found is not None
    assert found.name == "deploy/deployment_report.md"
    assert found.path == here / "deploy" / "deployment_report.md"
    assert not found.is_stdout
    assert list((here / "deploy").iterdir()) == []


def test_a_file_that_was_named(here: Path) -> None:
    (here / "deploy").mkdir()
    (here / "history.md").write_text("# History\n", encoding="utf-8")
    for name in ("history.md", "new.md"):
        found = find_deployment_report(name)
        assert found is not None
        assert (found.name, found.path) == (name, here / name)
    assert not (here / "new.md").exists()


def test_a_section_is_appended_behind_a_link(here: Path) -> None:
    (here / "real.md").write_text("# History\n", encoding="utf-8")
    (here / "link.md").symlink_to("real.md")
    found = find_deployment_report("link.md")
    assert found is not None
    found.write("## New\n")
    assert (here / "real.md").read_text(encoding="utf-8") == "# History\n\n## New\n"
    assert (here / "link.md").is_symlink()


def test_none_is_wanted(here: Path) -> None:
    (here / "deploy").mkdir()
    assert find_deployment_report("") is None


@pytest.mark.parametrize(
    ("name", "problem"),
    [("none/report.md", "there is no folder none"), ("deploy", "it is no file")],
)
def test_what_cannot_be_appended_to(here: Path, name: str, problem: str) -> None:
    (here / "deploy").mkdir()
    with pytest.raises(ConfigError) as refused:
        find_deployment_report(name)
    assert str(refused.value) == (
        f"--deployment-report: found {name!r}, which cannot be appended to ({problem}); expected a "
        "file in a folder that exists and is writable, or --no-deployment-report"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("name", ["sealed/report.md", "sealed.md"])
def test_what_may_not_be_written(here: Path, name: str) -> None:
    (here / "sealed").mkdir(mode=0o555)
    (here / "sealed.md").touch(mode=0o444)
    with pytest.raises(ConfigError, match="no permission"):
        find_deployment_report(name)
