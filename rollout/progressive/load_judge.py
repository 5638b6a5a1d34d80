"""Judges a stage by a load test of the canary, as long as the stage, against its thresholds."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from loadgen.coordinator import LoadTestEngine
from loadgen.judging import GateOptions, RunGate
from loadgen.report.hlog import encode
from rollout.canary.steps import after_load_test
from rollout.progressive.judge import Opinion, Row
from rollout.progressive.retried import Retried
from slo.canary import CanaryVerdict
from slo.histogram import Histogram
from slo.policy import OnFailure
from slo.verdict import Judgement, Verdict

if TYPE_CHECKING:
    from loadgen.arena import Arena
    from loadgen.measurement import Measurement
    from loadgen.plan import Plan
    from loadgen.progress import Progress
    from loadgen.snapshot import Snapshot
    from rollout.progressive.stage import Stage

__all__ = ["LoadJudge"]

SHORTEST_S = 0.1
"""Of a load test."""


class LoadJudge:
    """Runs a load test beside each stage; its processes end with this one.

    Args:
        plan: of the load test; its duration is that of the stage.
        gate: thresholds and objectives, one at least.
        on_failure: what a broken one leads to.
    """

    name = "load test"
    starts_over = True

    def __init__(
        self,
        plan: Plan,
        gate: GateOptions,
        *,
        on_failure: OnFailure,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._plan = plan
        self._gate = gate
        self._on_failure = on_failure
        self._now_s = now_s
        self._engine: LoadTestEngine | None = None
        self._work: Retried[Measurement] = Retried(self.name, now_s)
        self._progress: Progress | None = None
        self._recorder: _RecordingGate | None = None
        self._ends_s = 0.0
        self.measurements: list[Measurement] = []

    def begin(self, stage: Stage, duration_s: float, rows: Sequence[Row]) -> None:
        """Starts the load."""
        del stage, rows
        self._work.reset()
        self._ends_s = self._now_s() + duration_s
        self._start()

    def look(self) -> Opinion:
        """FAIL when nothing that follows could mend it; else what is seen so far."""
        if self._work.is_due():
            self._start()
        if self._work.is_done():
            self._take()
        if not self._work.is_begun():
            lost = self._work.is_lost()
            return self._opinion(CanaryVerdict.INCONCLUSIVE, self._work.trouble, lost=lost)
        judgement = self._progress.judgement if self._progress else None
        failed = judgement is not None and _is_decided(judgement)
        verdict = CanaryVerdict.FAIL if failed else CanaryVerdict.INCONCLUSIVE
        said = "; ".join(judgement.violations) if judgement and judgement.violations else "it runs"
        return self._opinion(verdict, said, row=self._row())

    def is_done(self) -> bool:
        """True when the load has ended and was added up."""
        return self._work.is_done() or not self._work.is_begun()

    def conclude(self) -> Opinion:
        """The verdict of the load test, as `run` would have it."""
        if not self.is_done():
            return self._opinion(CanaryVerdict.INCONCLUSIVE, "the load test did not end in time")
        measurement = self._take() if self._work.is_begun() else None
        if measurement is None:
            return self._opinion(CanaryVerdict.INCONCLUSIVE, self._work.trouble or "it did not run")
        step = after_load_test(measurement)
        text = "; ".join(each.text.removesuffix(".") for each in step.reasons)
        verdict = step.verdict or CanaryVerdict.INCONCLUSIVE
        return self._opinion(verdict, text, evidence=_summary(measurement))

    def stop(self) -> None:
        """Ends the load; what was under way is awaited for seconds at most, and not here."""
        if self._engine is not None:
            self._engine.stop()
            self._engine.stop()
        self._engine = None
        self._work.drop()

    def _start(self) -> None:
        duration_s = max(self._ends_s - self._now_s(), SHORTEST_S)
        plan = dataclasses.replace(self._plan, duration_s=duration_s)
        names = [request.label for request in plan.requests]
        recorder = _RecordingGate(self._gate, names)
        engine = LoadTestEngine(plan, gate=recorder, on_progress=self._note)
        self._progress, self._recorder, self._engine = None, recorder, engine
        self._work.begin(engine.run)

    def _note(self, progress: Progress) -> None:
        self._progress = progress

    def _take(self) -> Measurement | None:
        """The measurement of a run that has ended; None when it could not be done."""
        measurement = self._work.take()
        if measurement is None:
            self._engine = None
        elif not self.measurements or self.measurements[-1] is not measurement:
            self.measurements.append(measurement)
        return measurement

    def _row(self) -> Row | None:
        second = self._progress.second if self._progress else None
        if second is None:
            return None
        return {
            "sent": second.sent,
            "failed": second.failed,
            "p50_ms": second.p50_ms,
            "p95_ms": second.p95_ms,
            "p99_ms": second.p99_ms,
        }

    def _opinion(
        self,
        verdict: CanaryVerdict,
        text: str,
        *,
        lost: bool = False,
        row: Row | None = None,
        evidence: Mapping[str, object] | None = None,
    ) -> Opinion:
        return Opinion(
            judge=self.name,
            verdict=verdict,
            text=text,
            on_failure=self._on_failure,
            lost=lost,
            row=row,
            histogram=self._recorder.encoded() if self._recorder and row else None,
            evidence=evidence,
        )


class _RecordingGate(RunGate):
    """A run's gate that keeps the response times of the last second, too."""

    def __init__(self, options: GateOptions, endpoints: Sequence[str]) -> None:
        super().__init__(options, endpoints)
        self._before: Histogram | None = None
        self._second: Histogram | None = None

    def look(self, arena: Arena, now: Snapshot, t_s: float) -> Judgement:
        """As of any run."""
        self._second = now.response - self._before if self._before else now.response
        self._before = now.response
        return super().look(arena, now, t_s)

    def encoded(self) -> bytes | None:
        """The last second's response times, as HdrHistogram has them; None before the first."""
        return encode(self._second) if self._second is not None else None


def _is_decided(judgement: Judgement) -> bool:
    """True when an objective is broken that ends a run, or that no second could mend."""
    return judgement.abort or any(
        finding.verdict is Verdict.FAIL and finding.certain for finding in judgement.findings
    )


def _summary(measurement: Measurement) -> Mapping[str, object]:
    total = measurement.total
    return {
        "run": measurement.run.id,
        "sent": total.sent,
        "error_rate_percent": total.error_rate_percent,
        "throughput_rps": measurement.throughput_rps,
        "p50_ms": total.latency.p50_ms,
        "p95_ms": total.latency.p95_ms,
        "p99_ms": total.latency.p99_ms,
        "violations": list(measurement.slo.violations) if measurement.slo else [],
    }
