"""The thresholds of loadgen.yml."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from loadgen.config.threshold_section import Latency, Thresholds


def test_the_thresholds_of_the_guide() -> None:
    """Numbers come as texts: the file is read with the place of each value."""
    thresholds = Thresholds.model_validate(
        {
            "latency": {"p50": "100", "p95": "250", "p99": "400"},
            "error_rate": "0.5",
            "throughput": "1000",
        }
    )
    assert thresholds.latency is not None
    limits = (thresholds.latency.p50, thresholds.latency.p95, thresholds.latency.p99)
    assert (*limits, thresholds.error_rate, thresholds.throughput) == (100, 250, 400, 0.5, 1000)


@pytest.mark.parametrize("error_rate", ["-1", "100.1", "half"])
def test_an_error_rate_is_a_part_of_a_hundred(error_rate: str) -> None:
    with pytest.raises(ValidationError, match="expected a number from 0 to 100"):
        Thresholds.model_validate({"error_rate": error_rate})


def test_a_percentile_that_is_not_known() -> None:
    with pytest.raises(ValidationError, match="p90"):
        Latency.model_validate({"p90": "1"})
