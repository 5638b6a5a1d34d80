"""A run that was kept is rendered as it was the first time."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadgen.cli.keeping import keep
from loadgen.cli.rendering import render_again
from loadgen.errors import ConfigError
from loadgen.report import html, junit, markdown
from loadgen.result import dumps
from tests.loadgen import judged


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_files_are_those_of_the_run_itself(tmp_path: Path) -> None:
    measurement = judged.violated()
    keep(measurement, 5)
    files = {"--markdown": "r.md", "--json": "r.json", "--html": "r.html", "--junit": "r.xml"}
    render_again("last", files)
    assert (tmp_path / "r.md").read_text("utf-8") == markdown.render(measurement)
    assert (tmp_path / "r.json").read_text("utf-8") == dumps(measurement)
    assert (tmp_path / "r.html").read_text("utf-8") == html.render(measurement)
    assert (tmp_path / "r.xml").read_text("utf-8") == junit.render(measurement)


def test_a_file_that_cannot_be_written_is_an_error() -> None:
    keep(judged.violated(), 5)
    with pytest.raises(ConfigError, match="--html: /dev/full: cannot be written"):
        render_again("last", {"--html": "/dev/full"})
