"""From options to settings, with every mistake at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadgen.cli.options import RunOptions
from loadgen.cli.session import carry_out, gather
from loadgen.errors import ConfigError, TargetError


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_named_file_is_read_from_where_it_lies(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "body.txt").write_bytes(b"hello")
    path = tmp_path / "deploy" / "performance_config.yml"
    path.write_text("load_test: {method: POST, body_file: body.txt}\n", encoding="utf-8")
    settings = gather(RunOptions(config=str(path)), {})
    assert settings.config_name == str(path)
    assert (settings.plan.method, settings.plan.body) == ("POST", b"hello")


def test_an_option_s_body_file_lies_where_we_are(tmp_path: Path) -> None:
    (tmp_path / "body.txt").write_bytes(b"hello")
    assert gather(RunOptions(body_file="body.txt"), {}).plan.body == b"hello"


def test_a_flag_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "loadgen.yml").write_text("environment: file\n", encoding="utf-8")
    environ = {"ENVIRONMENT": "environ"}
    assert gather(RunOptions(), {}).plan.environment == "file"
    assert gather(RunOptions(), environ).plan.environment == "environ"
    assert gather(RunOptions(environment="flag"), environ).plan.environment == "flag"


def test_files_are_checked_before_anything_is_sent() -> None:
    """The target is not there, yet the error is the report's."""
    options = RunOptions(url="http://127.0.0.1:1", output="gone/r.md", json="gone/r.json")
    with pytest.raises(ConfigError) as caught:
        carry_out(gather(options, {}))
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["--output", "--json"]


def test_a_run_that_cannot_begin_writes_nothing(tmp_path: Path) -> None:
    options = RunOptions(url="http://127.0.0.1:1", output="r.md", quiet=True)
    with pytest.raises(TargetError):
        carry_out(gather(options, {}))
    assert list(tmp_path.iterdir()) == []
