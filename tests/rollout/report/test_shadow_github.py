"""What GitHub Actions is told of a shadow test."""

from __future__ import annotations

from rollout.report.shadow_github import commands, outputs, summary
from tests.rollout.shadow.samples import empty_result, failed_result


def test_outputs() -> None:
    assert outputs(failed_result()) == {
        "verdict": "FAIL",
        "mismatch_rate": "10.0899",
        "canary_url": "http://canary.example.com",
    }
    assert outputs(empty_result())["mismatch_rate"] == ""


def test_the_summary_shows_what_differs() -> None:
    lines = summary(failed_result()).splitlines()
    assert lines[0] == "## Shadow Test FAIL: http://canary.example.com"
    assert any("`json $.items[*].price`" in line for line in lines)


def test_reasons_are_annotations() -> None:
    first, *_ = commands(failed_result())
    assert first.startswith("::error title=Shadow test FAIL::10.1 %25 of 1,001 pairs differ")
    assert commands(empty_result())[0].startswith("::warning title=Shadow test INCONCLUSIVE::")
