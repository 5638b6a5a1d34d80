"""A watch in the engine: both sides of a real run, second by second."""

from __future__ import annotations

from loadgen.coordinator import LoadTestEngine
from loadgen.pairing import paired_plan
from loadgen.plan import Endpoint, Plan, Precision
from loadgen.progress import Progress
from loadgen.target import running_target
from rollout.canary.gates import PairedGate
from rollout.canary.watches import CalibrationWatch
from slo.calibration import Calibrator


def test_both_sides_are_seen_and_the_reason_of_the_end_is_kept() -> None:
    plan = Plan(
        endpoints=(Endpoint(path="/api/users"), Endpoint(path="/api/orders", weight=3.0)),
        concurrency=10,
        precision=Precision.CPU,
    )
    with running_target() as first, running_target(error_rate="100%") as second:
        paired = paired_plan(plan, first, second, rate_rps=400, duration_s=30)
        watch = CalibrationWatch(Calibrator(()), lambda _second: None)
        gate = PairedGate(paired, watch)

        def had_enough(_progress: Progress) -> None:
            watch.stopped = "enough" if len(watch.rows) >= 2 else ""

        measurement = LoadTestEngine(paired, gate=gate, on_progress=had_enough).run()
    baseline, canary = watch.last
    assert measurement.run.stopped == "enough"
    assert len(watch.rows) == 2
    assert gate.complete
    assert set(baseline.endpoints) == set(canary.endpoints) == {"/api/users", "/api/orders"}
    assert baseline.total.failed == 0
    assert canary.total.failed == canary.total.finished > 300
