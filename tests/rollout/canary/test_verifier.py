"""Verifications of real servers: which steps are done, and what stands in the way of one."""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import pytest

from loadgen.errors import TargetError
from loadgen.interrupts import Interrupts
from loadgen.judging import GateOptions
from loadgen.measurement import Measurement
from loadgen.plan import Plan, Precision
from loadgen.progress import Progress
from loadgen.target import running_target
from rollout.canary.comparison import ComparisonOptions, ComparisonProgress
from rollout.canary.verification import Step, StepName
from rollout.canary.verifier import ShadowStep, VerificationOptions, Verifier
from rollout.shadow.recorded.session import Progress as ShadowProgress
from rollout.shadow.result import ShadowResult, Sides
from slo.canary import CanaryVerdict
from slo.grammar import parse

ATTEMPTS = 4
"""On a busy machine a load test of a second is INVALID now and then."""


class Notebook:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.begun: list[StepName] = []
        self.ended: list[Step] = []
        self.seconds: list[ComparisonProgress] = []
        self.replayed: list[ShadowProgress] = []

    def warned(self, warnings: Sequence[str]) -> None:
        self.warnings += warnings

    def begins(self, step: StepName) -> None:
        self.begun.append(step)

    def shadowed(self, progress: ShadowProgress) -> None:
        self.replayed.append(progress)

    def load(self, progress: Progress) -> None:
        assert self.begun[-1] is StepName.LOAD_TEST
        assert progress.total_s == 1.0

    def interim(self, measurement: Measurement) -> None:
        raise AssertionError(f"a second is too short for {measurement.run.id}")

    def compared(self, progress: ComparisonProgress) -> None:
        self.seconds.append(progress)

    def ends(self, step: Step) -> None:
        self.ended.append(step)


@pytest.fixture(scope="module")
def well() -> Iterator[str]:
    with running_target() as url:
        yield url


@pytest.fixture(scope="module")
def broken() -> Iterator[str]:
    with running_target(error_rate="100%") as url:
        yield url


def _options(canary: str, baseline: str, **changes: object) -> VerificationOptions:
    plan = Plan(
        target=canary, concurrency=4, duration_s=1.0, precision=Precision.CPU, connections=8
    )
    given: dict[str, object] = {
        "plan": plan,
        "gate": GateOptions(objectives=(parse("error_rate < 5%"),)),
        "production_url": baseline,
        "comparison": ComparisonOptions(
            baseline_url=baseline, canary_url=canary, rate_rps=200, duration_s=9
        ),
    }
    return VerificationOptions(**{**given, **changes})  # type: ignore[arg-type]  # by name


def test_steps_that_nobody_asked_for_are_left_out(well: str, broken: str) -> None:
    notes = Notebook()
    verification = Verifier(_options(broken, well), notes).run()
    assert notes.begun == [StepName.COMPARISON]
    assert [step.skipped for step in verification.steps] == [
        "no --shadow SOURCE was given",
        "nobody asked for it (--load-test)",
        "",
    ]
    assert verification.verdict is CanaryVerdict.FAIL
    assert [progress.second.phase for progress in notes.seconds[:4]] == [
        "calibrating",
        "calibrating",
        "calibrating",
        "comparing",
    ]
    assert len(notes.seconds) < 9  # a failure that is proven ends it
    assert notes.warnings == list(verification.warnings)
    assert verification.warnings[0].startswith("No --baseline-url")


def test_a_canary_that_failed_gets_no_more_load(well: str, broken: str) -> None:
    for _ in range(ATTEMPTS):
        notes = Notebook()
        verification = Verifier(_options(broken, well, load_test=True), notes).run()
        if verification.steps[1].verdict is not CanaryVerdict.INVALID:
            break
    assert [step.name for step in notes.ended] == list(StepName)
    assert verification.steps[1].verdict is CanaryVerdict.FAIL
    assert verification.steps[2].skipped == "the load test has failed already"
    assert verification.reasons[0].text.startswith("Load test: Error rate ")
    assert notes.seconds == []


def _shadow(verdict: CanaryVerdict, *, stopped: bool = False) -> ShadowStep:
    def shadow(interrupts: Interrupts, on_second: Callable[[ShadowProgress], None]) -> ShadowResult:
        on_second(ShadowProgress(seconds=1.0, seen=9, pairs=9))
        if stopped:
            interrupts.ask()
        return ShadowResult(
            source="access.log",
            sides=Sides(production="http://prod.test", canary="http://canary.test"),
            started_at=datetime(2026, 11, 24, tzinfo=UTC),
            duration_s=1.0,
            seen=9,
            pairs=9,
            mismatched=9,
            unproven=0,
            max_mismatch_ratio=0.01,
            verdict=verdict,
            reasons=("All of them differ.",),
        )

    return shadow


def test_a_canary_that_answers_otherwise_gets_no_load_at_all(well: str) -> None:
    notes = Notebook()
    options = _options(well, well, load_test=True, shadow=_shadow(CanaryVerdict.FAIL))
    verification = Verifier(options, notes).run()
    assert notes.begun == [StepName.SHADOW]
    assert [progress.seen for progress in notes.replayed] == [9]
    assert verification.verdict is CanaryVerdict.FAIL
    assert [reason.text for reason in verification.reasons] == ["All of them differ."]


def test_what_is_ended_by_hand_is_no_pass(well: str) -> None:
    options = _options(well, well, shadow=_shadow(CanaryVerdict.PASS, stopped=True))
    verification = Verifier(options, Notebook()).run()
    assert verification.interrupted
    assert verification.verdict is CanaryVerdict.INCONCLUSIVE
    assert verification.steps[2].skipped == "it was ended by hand"


@pytest.mark.parametrize("side", ["the canary", "the baseline", "production"])
def test_a_side_that_is_down_is_named_before_anything_is_sent(side: str, well: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        down = f"http://127.0.0.1:{free.getsockname()[1]}"
        urls = dict.fromkeys(("the canary", "the baseline", "production"), well) | {side: down}
        options = _options(urls["the canary"], urls["production"], load_test=True)
        options = dataclasses.replace(options, baseline_url=urls["the baseline"])
        notes = Notebook()
        with pytest.raises(TargetError, match=f"^{side} {down} cannot be connected to"):
            Verifier(options, notes).run()
    assert notes.begun == []


def test_a_step_may_be_skipped(well: str) -> None:
    options = _options(well, well, load_test=True, skip=frozenset({StepName.COMPARISON}))
    verification = Verifier(options, Notebook()).run()
    assert verification.steps[2].skipped == "--skip comparison"
    assert verification.verdict in {CanaryVerdict.PASS, CanaryVerdict.INVALID}
    assert any("are the same server" in text for text in verification.warnings)
