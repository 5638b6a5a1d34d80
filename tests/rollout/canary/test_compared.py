"""How a comparison's time is divided, and what it refuses."""

from __future__ import annotations

import pytest

from loadgen.errors import ConfigError
from rollout.canary.compared import ComparisonOptions

BASELINE, CANARY = "http://localhost:1", "http://localhost:2"


@pytest.mark.parametrize(
    ("duration_s", "calibration_s"),
    [(300.0, 100), (6.0, 2), (100.0, 33), (3600.0, 120)],
    ids=["a third", "a third of little", "whole seconds", "not longer than it takes"],
)
def test_calibration_takes_a_third_at_most(duration_s: float, calibration_s: int) -> None:
    options = ComparisonOptions(baseline_url=BASELINE, canary_url=CANARY, duration_s=duration_s)
    assert options.calibration_s == calibration_s
    assert options.comparing_s(calibrated=False) == int(duration_s) - calibration_s
    assert options.comparing_s(calibrated=True) == int(duration_s)


def test_all_mistakes_are_said_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        ComparisonOptions(
            baseline_url=BASELINE,
            canary_url=CANARY,
            rate_rps=0.0,
            duration_s=1.0,
            max_duration_s=0.5,
        )
    assert len(caught.value.problems) == 3
