"""From names of runs to their comparison."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadgen.cli.comparing import compare_runs, show
from loadgen.cli.destination import find_destination
from loadgen.errors import ConfigError
from slo.compare import Change
from tests.loadgen.cli import kept


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_each_run_is_compared_with_the_first() -> None:
    kept.keep_two_runs()
    slower, same = compare_runs([kept.USUAL, "last", kept.USUAL], 50)
    assert slower.baseline is not None
    assert same.baseline is not None
    assert (slower.run.id, slower.baseline.run_id) == (kept.SLOWER, kept.USUAL)
    assert slower.baseline.comparison.change is Change.WORSE
    assert same.baseline.comparison.change is not Change.WORSE


def test_every_run_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        compare_runs(["last", "nightly"], 5)
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "run 'last'",
        "run 'nightly'",
    ]


def test_a_file_that_cannot_be_written_is_an_error() -> None:
    kept.keep_two_runs()
    runs = compare_runs([kept.USUAL, kept.SLOWER], 5)
    with pytest.raises(ConfigError, match="--json: /dev/full: cannot be written"):
        show(runs, {"--json": find_destination("/dev/full", "--json")})
