"""The settings of a verification: options over file, and what is refused."""

from __future__ import annotations

import pytest

from loadgen.config.canary import CanarySettings, canary_settings
from loadgen.config.file import ConfigFile, parse_config
from loadgen.errors import ConfigError
from slo.policy import OnInconclusive, Policy

CANARY, PRODUCTION = "http://canary:8000", "http://prod:8000"


def _file(text: str) -> ConfigFile:
    return parse_config(text, "loadgen.yml", lambda name: name.encode())


def test_what_nobody_says_has_a_default() -> None:
    found = canary_settings(None, {"canary_url": CANARY, "production_url": PRODUCTION})
    assert found == CanarySettings(
        canary_url=CANARY,
        production_url=PRODUCTION,
        rate_rps=100.0,
        on_inconclusive=OnInconclusive.PAUSE,
        policy=Policy(alpha=0.01, ratio=1.5, error_points=1.0),
    )
    assert found.compared_url == PRODUCTION


def test_options_win_over_the_file() -> None:
    file = _file(
        "canary:\n  production_url: http://file:1\n  baseline_url: http://fresh:1\n"
        "  compare_rate: 50\n  alpha: 5%\n"
    )
    found = canary_settings(
        file, {"canary_url": CANARY, "production_url": PRODUCTION, "compare_rate": "200"}
    )
    assert (found.production_url, found.rate_rps) == (PRODUCTION, 200.0)
    assert found.policy.alpha == pytest.approx(0.05)
    assert found.compared_url == "http://fresh:1"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"compare_rate": "none", "compare_duration": "1s"},
            ["--compare-rate: found 'none'", "--compare-duration: found '1s'"],
        ),
        ({}, ["--canary-url: found nothing", "--production-url: found neither it nor"]),
        (
            {"canary_url": CANARY, "production_url": PRODUCTION, "max_duration": "9m"},
            ["--max-duration: found without --on-inconclusive extend"],
        ),
        (
            {"canary_url": CANARY, "production_url": PRODUCTION, "matters": "1.04"},
            ["--matters: found 1.04 beside --margin 5%, expected more than 1.05"],
        ),
        (
            {"canary_url": CANARY, "production_url": PRODUCTION, "alpha": "100%"},
            ["--alpha: found 100%, expected less than 100%"],
        ),
        (
            {"canary_url": CANARY, "production_url": PRODUCTION, "margin": "500%"},
            ["--matters: found 1.5 beside --margin 500%, expected more than 6"],
        ),
    ],
    ids=[
        "values",
        "sides",
        "a limit without a reason",
        "what matters is small",
        "always a false alarm",
        "the margin is wide",
    ],
)
def test_mistakes_are_said_all_at_once(options: dict[str, str], expected: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        canary_settings(None, options)
    found = caught.value.problems
    assert len(found) == len(expected)
    assert all(text.startswith(start) for text, start in zip(found, expected, strict=True))


def test_without_a_comparison_the_canary_is_enough() -> None:
    found = canary_settings(None, {"canary_url": CANARY}, compares=False)
    assert found.compared_url == ""
