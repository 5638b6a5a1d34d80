"""Measurements with a verdict, a baseline and a rollback, judged by the real gate."""

from __future__ import annotations

import dataclasses

from loadgen.consequence import BaselineResult, RollbackOutcome
from loadgen.judging import GateOptions, RunGate, sample_of
from loadgen.measurement import Measurement
from slo.compare import compare
from slo.grammar import parse
from tests.loadgen import samples

__all__ = ["GUIDE", "compared", "judge", "passed", "rolled_back", "undecided", "violated"]

GUIDE = ("p50 <= 100ms", "p95 <= 250ms", "p99 <= 400ms", "error_rate <= 0.5%", "throughput >= 1000")
"""The guide's thresholds in the grammar of objectives."""


def judge(measurement: Measurement, *objectives: str) -> Measurement:
    """A measurement held against objectives, at its end only."""
    options = GateOptions(objectives=tuple(map(parse, objectives)))
    names = [endpoint.name for endpoint in measurement.endpoints]
    return RunGate(options, names).conclude(measurement)


def passed() -> Measurement:
    """The shop holds its objectives."""
    return judge(samples.measurement(requests=1_000), "p99 <= 10s", "p95 of /api/users < 10s")


def violated() -> Measurement:
    """The shop is slower than the guide allows; one objective holds, one cannot be judged."""
    return judge(samples.measurement(requests=1_000), *GUIDE, "p99.9 < 1s")


def undecided() -> Measurement:
    """Too few requests for a percentile."""
    return judge(samples.measurement(requests=300), "p99 < 10s", "error_rate <= 50%")


def rolled_back(*, succeeded: bool = True) -> Measurement:
    """A violation after which the deployment was taken back, or not."""
    outcome = RollbackOutcome(
        ordered=True,
        succeeded=succeeded,
        attempts=1 if succeeded else 3,
        seconds=4.21,
        output=("deployment.apps/shop rolled back",) if succeeded else ("error: <forbidden>",),
        text="Rolled back by kubectl in 4.2 s" if succeeded else "The rollback did not succeed",
    )
    return dataclasses.replace(violated(), rollback=outcome)


def compared(requests: int = 1_000) -> Measurement:
    """The shop beside a shop with fewer requests."""
    before, after = samples.measurement(requests=requests), samples.measurement(requests=800)
    comparison = compare(sample_of(before), sample_of(after))
    baseline = BaselineResult(
        run_id=before.run.id, margin_ratio=0.05, same_plan=True, comparison=comparison
    )
    return dataclasses.replace(after, baseline=baseline)
