"""slo.thresholds with the numbers of the guide's own example."""

from __future__ import annotations

import pytest

from slo.objective import Decide
from slo.thresholds import Thresholds

GUIDE = Thresholds(p50_ms=100, p95_ms=250, p99_ms=400, error_rate_percent=0.5, throughput_rps=1000)


def test_the_guides_thresholds_as_objectives() -> None:
    assert [objective.text for objective in GUIDE.objectives()] == [
        "p50 <= 100ms",
        "p95 <= 250ms",
        "p99 <= 400ms",
        "error_rate <= 0.5%",
        "throughput >= 1000/s",
    ]


def test_what_is_not_given_is_no_objective() -> None:
    assert Thresholds().objectives() == ()
    [only] = Thresholds(error_rate_percent=0).objectives(decide=Decide.CONFIDENT)
    assert only.text == "error_rate <= 0%, decide confident"


def test_an_environment_replaces_value_by_value() -> None:
    production = Thresholds(p95_ms=200, error_rate_percent=0.0)
    assert GUIDE.overridden_by(production) == Thresholds(
        p50_ms=100, p95_ms=200, p99_ms=400, error_rate_percent=0.0, throughput_rps=1000
    )
    assert GUIDE.overridden_by(Thresholds()) == GUIDE


def test_a_threshold_out_of_range() -> None:
    with pytest.raises(ValueError, match="error_rate <= 120: the limit is out of range"):
        Thresholds(error_rate_percent=120).objectives()
