"""Comparisons of real servers: what is equal never fails, what is worse does, by its name.

The objectives are such that a verdict takes seconds; how long regressions take that only the
comparison with the baseline can find is measured by benchmarks/bench_canary.py.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from loadgen.plan import Endpoint, Plan, Precision
from loadgen.target import running_target
from rollout.canary.comparison import (
    Comparison,
    ComparisonOptions,
    ComparisonProgress,
    ComparisonResult,
)
from slo.calibration import Calibration
from slo.canary import CanaryVerdict
from slo.grammar import parse
from slo.objective import Objective

PATHS = (
    *("/api/health", "/api/users", "/api/orders"),
    *("/api/products", "/api/analytics", "/api/search"),
)
PLAN = Plan(
    endpoints=tuple(Endpoint(path=path) for path in PATHS),
    connections=120,
    precision=Precision.CPU,
)
USUAL = "100ms"
OBJECTIVES: tuple[Objective, ...] = tuple(
    parse(text)
    for text in (
        "error_rate < 0.005%",
        "p95 < 115ms",
        "p99.9 < 400ms",
        *(f"p95 of {path} < 115ms" for path in PATHS),
    )
)
CALIBRATING_S, COMPARING_S, EXTENDED_S, ATTEMPTS = 4, 8, 5, 3


@pytest.fixture(scope="module")
def baseline() -> Iterator[str]:
    with running_target(latency=USUAL) as url:
        yield url


@pytest.fixture(scope="module")
def calibration(baseline: str) -> Calibration:
    """One for all: the baseline is the same."""
    options = _options(baseline, baseline, 3 * CALIBRATING_S)

    def stop_when_calibrated(progress: ComparisonProgress) -> None:
        if progress.judgement is not None:
            comparison.stop()

    comparison = Comparison(PLAN, options, on_second=stop_when_calibrated)
    result = comparison.run()
    assert result.interrupted
    assert result.calibration.seconds == CALIBRATING_S
    return result.calibration


def _options(baseline: str, canary: str, duration_s: float) -> ComparisonOptions:
    return ComparisonOptions(
        baseline_url=baseline,
        canary_url=canary,
        rate_rps=300,
        duration_s=duration_s,
        objectives=OBJECTIVES,
    )


def _compared(
    baseline: str, canary: str, calibration: Calibration, options: ComparisonOptions | None = None
) -> ComparisonResult:
    """A comparison whose generator could be trusted; a busy machine gets more chances."""
    options = options or _options(baseline, canary, COMPARING_S)
    for _ in range(ATTEMPTS):
        result = Comparison(PLAN, options, calibration=calibration).run()
        if result.judgement.verdict is not CanaryVerdict.INVALID:
            break
    return result


def test_equal_servers_never_fail_and_what_is_inconclusive_goes_on(
    baseline: str, calibration: Calibration
) -> None:
    with running_target(latency=USUAL, seed=1) as canary:
        options = dataclasses.replace(_options(baseline, canary, 3), max_duration_s=EXTENDED_S)
        result = _compared(baseline, canary, calibration, options)
    assert result.judgement.verdict in {CanaryVerdict.INCONCLUSIVE, CanaryVerdict.INVALID}
    assert result.judgement.seconds == EXTENDED_S  # too few blocks for a PASS
    assert [run.phase for run in result.runs] == ["comparing"]  # the calibration was given
    (run,) = result.runs
    assert run.baseline.finished == pytest.approx(300 * EXTENDED_S, rel=0.05)
    assert run.canary.finished == pytest.approx(run.baseline.finished, rel=0.05)


@pytest.mark.parametrize(
    ("worse", "endpoint", "text"),
    [
        ({"latency": "130ms"}, None, "'p95 < 115ms'"),
        ({"error_rate": "1%"}, None, "'error_rate < 0.005%'"),
        ({"slow": "/api/search=130ms"}, "/api/search", "'p95 of /api/search < 115ms'"),
        ({"latency": "bimodal:100ms,600ms,10%"}, None, "'p99.9 < 400ms'"),
    ],
    ids=["30 % slower", "1 % more errors", "one slow endpoint of six", "a bimodal tail"],
)
def test_what_is_worse_fails(
    worse: dict[str, str],
    endpoint: str | None,
    text: str,
    baseline: str,
    calibration: Calibration,
) -> None:
    settings = {"latency": USUAL, **worse}
    with running_target(**settings) as canary:  # type: ignore[arg-type]  # texts, by name
        result = _compared(baseline, canary, calibration)
    judgement = result.judgement
    assert judgement.verdict is CanaryVerdict.FAIL, judgement.reasons
    found = [reason for reason in judgement.reasons if reason.endpoint == endpoint]
    assert any(text in reason.text for reason in found)
    if endpoint is not None:
        assert {reason.endpoint for reason in judgement.reasons} <= {endpoint, None}
