"""A comparison that is stopped; test_real_servers.py has those that come to a verdict."""

from __future__ import annotations

from loadgen.plan import Plan, Precision
from loadgen.target import running_target
from rollout.canary.comparison import Comparison, ComparisonOptions, ComparisonProgress
from slo.canary import CanaryVerdict

PLAN = Plan(concurrency=10, precision=Precision.CPU)


def test_one_that_is_stopped_before_it_began_sends_nothing_and_knows_nothing() -> None:
    with running_target() as url:
        options = ComparisonOptions(baseline_url=url, canary_url=url, duration_s=30)
        comparison = Comparison(PLAN, options)
        comparison.stop()
        result = comparison.run()
    assert result.interrupted
    assert result.runs == ()
    assert result.rows == ()
    assert result.judgement.verdict is CanaryVerdict.INVALID


def test_one_that_is_stopped_while_it_calibrates_compares_nothing() -> None:
    with running_target() as url:
        options = ComparisonOptions(baseline_url=url, canary_url=url, duration_s=30)

        def stop(_progress: ComparisonProgress) -> None:
            comparison.stop()

        comparison = Comparison(PLAN, options, on_second=stop)
        result = comparison.run()
    assert result.interrupted
    assert [run.phase for run in result.runs] == ["calibrating"]
    assert result.calibration.seconds == len(result.rows) == 1
    assert result.judgement.verdict is not CanaryVerdict.PASS
