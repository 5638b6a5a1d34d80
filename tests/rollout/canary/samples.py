"""Canary verifications as they come out, made of simulated servers: no engine, no waiting."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from benchmarks.canary_arms import Server
from loadgen.consequence import RollbackOutcome
from loadgen.measurement import Measurement
from rollout.canary.comparison import ComparisonOptions, ComparisonResult, ComparisonRun
from rollout.canary.second import ComparisonPhase
from rollout.canary.steps import after_comparison, after_load_test, skipped
from rollout.canary.verification import StepName, Verification, overall
from rollout.canary.watches import CalibrationWatch, JudgeWatch, PairWatch
from slo.calibration import Calibrator
from slo.canary import CanaryJudge
from slo.detector import watched_objectives
from slo.grammar import parse
from slo.policy import OnInconclusive
from slo.validity import Health
from tests.loadgen import samples

__all__ = ["ALIKE", "BROKEN", "SLOW", "comparison", "verification"]

ENDPOINTS = ("/a", "/c")
ALIKE = Server(endpoints=ENDPOINTS)
SLOW = Server(endpoints=ENDPOINTS, slower={"/c": 1.5})
BROKEN = Server(endpoints=ENDPOINTS, errors={"/c": 0.5})
SILENT = Server(endpoints=ENDPOINTS, silent_from_s=0)
BASELINE_URL, CANARY_URL = "http://baseline.example.com", "http://canary.example.com"


@cache
def comparison(canary: str = "alike", *, seconds: int = 80) -> ComparisonResult:
    """A comparison of a simulated baseline with a canary.

    Args:
        canary: "alike", "slow" (one endpoint, by 50 %), "broken" (half of one fails) or
            "unanswered" (the baseline answers nothing while it is calibrated).
        seconds: of comparison, after 25 of calibration.
    """
    servers = {"alike": ALIKE, "slow": SLOW, "broken": BROKEN, "unanswered": ALIKE}
    options = ComparisonOptions(
        baseline_url=BASELINE_URL,
        canary_url=CANARY_URL,
        rate_rps=200,
        duration_s=seconds + 25,
        objectives=(parse("p99 < 250ms"), parse("p95 of /a < 100ms")),
    )
    calibrator = Calibrator(watched_objectives(options.objectives, ENDPOINTS))
    calibration = CalibrationWatch(calibrator, lambda _second: None)
    usual = SILENT if canary == "unanswered" else ALIKE
    _feed(calibration, usual, usual, 25, seed=1)
    judge = CanaryJudge(calibrator.conclude(), policy=options.policy)
    watch = JudgeWatch(judge, planned_s=seconds, on_second=lambda _second, _judgement: None)
    if calibrator.conclude().valid:
        _feed(watch, ALIKE, servers[canary], seconds, seed=3)
    return ComparisonResult(
        options=options,
        judgement=judge.conclude(),
        calibration=calibrator.conclude(),
        runs=(
            _run(ComparisonPhase.CALIBRATING, calibration),
            *([_run(ComparisonPhase.COMPARING, watch)] if watch.rows else []),
        ),
        rows=(*calibration.rows, *watch.rows),
        effects=judge.effects,
    )


def verification(
    canary: str = "alike",
    *,
    load_test: Measurement | None = None,
    rollback: RollbackOutcome | None = None,
    on_inconclusive: OnInconclusive = OnInconclusive.PAUSE,
    interrupted: bool = False,
    failure: str = "",
) -> Verification:
    """A verification with a comparison, and with a load test when one is given.

    Args:
        canary: as in `comparison`.
        load_test: a judged measurement.
        rollback: what became of it.
        on_inconclusive: what follows when nothing is proven.
        interrupted: it was ended by hand.
        failure: why it could not be done.
    """
    compared = comparison(canary)
    steps = (
        skipped(StepName.SHADOW, "no --shadow SOURCE was given"),
        after_load_test(load_test)
        if load_test
        else skipped(StepName.LOAD_TEST, "nobody asked for it (--load-test)"),
        after_comparison(compared),
    )
    return Verification(
        id="20261124T201351Z-3f2a91",
        started_at=datetime(2026, 11, 24, 20, 13, 51, tzinfo=UTC),
        seconds=125.5,
        environment="staging",
        canary_url=CANARY_URL,
        production_url="http://prod.example.com",
        baseline_url=BASELINE_URL,
        compared_url=BASELINE_URL,
        preflight="80 s at 200 requests/s per arm: finds p99 1.5× worse",
        warnings=(),
        steps=steps,
        verdict=overall(steps),
        on_inconclusive=on_inconclusive,
        load_test=load_test,
        comparison=compared,
        rollback=rollback,
        interrupted=interrupted,
        failure=failure,
    )


def _feed(watch: PairWatch, first: Server, second: Server, seconds: int, *, seed: int) -> None:
    pairs = zip(first.samples(seconds, seed), second.samples(seconds, seed + 1), strict=True)
    for one, other in pairs:
        watch.look(one, other)
        if watch.stopped:
            return


def _run(phase: ComparisonPhase, watch: PairWatch) -> ComparisonRun:
    first, second = watch.last
    return ComparisonRun(
        phase=phase,
        id=f"20261124T201351Z-{len(watch.rows):06}",
        seconds=len(watch.rows),
        health=_health(),
        complete=True,
        baseline=first.total,
        canary=second.total,
    )


def _health() -> Health:
    return samples.measurement(open_loop=True, planned_requests=16_000.0).health
