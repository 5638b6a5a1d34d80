"""The options of `loadgen canary`: those of the guide are there, and the run gets its own."""

from __future__ import annotations

from dataclasses import fields

import pytest

from loadgen.cli import main
from loadgen.cli.canary_options import CanaryOptions

GUIDE = (
    *("--canary-url", "--production-url", "--load-test", "--auto-rollback-on-loadfail"),
    *("--load-concurrency", "--load-duration"),
)
ASKED_FOR = (
    *("--baseline-url", "--compare-duration", "--compare-rate", "--config", "--environment"),
    *("--shadow", "--skip", "--json", "--output", "--html", "--junit", "--plan-only"),
    *("--on-inconclusive", "--max-duration"),
)


def test_every_option_of_the_guide_is_told_of(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["canary", "--help"]) == 0
    told = capsys.readouterr().out
    assert [option for option in (*GUIDE, *ASKED_FOR) if f"{option} " not in told] == []


def test_the_load_test_gets_what_a_run_takes() -> None:
    options = CanaryOptions(
        canary_url="http://typed",
        load_concurrency="200",
        load_duration="5m",
        compare_rate="50",
        header=["X-Test: 1"],
        auto_rollback_on_loadfail=True,
    )
    run = options.of_load_test("http://canary")
    assert (run.target, run.concurrency, run.duration) == ("http://canary", "200", "5m")
    assert (run.header, run.auto_rollback_on_loadfail) == (["X-Test: 1"], True)
    assert options.of_canary() == {"canary_url": "http://typed", "compare_rate": "50"}


def test_nothing_is_typed_unless_it_is() -> None:
    options = CanaryOptions()
    typed = [field.name for field in fields(options) if getattr(options, field.name)]
    assert typed == []
    assert options.of_canary() == {}
