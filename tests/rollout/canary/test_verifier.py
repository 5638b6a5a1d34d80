"""Verifications of real servers: which steps are done, and what stands in the way of one."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence

import pytest

from loadgen.errors import TargetError
from loadgen.judging import GateOptions
from loadgen.measurement import Measurement
from loadgen.plan import Plan, Precision
from loadgen.progress import Progress
from loadgen.target import running_target
from rollout.canary.comparison import ComparisonOptions, ComparisonProgress
from rollout.canary.verification import Step, StepName
from rollout.canary.verifier import VerificationOptions, Verifier
from slo.canary import CanaryVerdict
from slo.grammar import parse


class Notebook:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.begun: list[StepName] = []
        self.ended: list[Step] = []
        self.seconds: list[ComparisonProgress] = []

    def warned(self, warnings: Sequence[str]) -> None:
        self.warnings += warnings

    def begins(self, step: StepName) -> None:
        self.begun.append(step)

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
    notes = Notebook()
    verification = Verifier(_options(broken, well, load_test=True), notes).run()
    assert [step.name for step in notes.ended] == list(StepName)
    assert verification.steps[1].verdict is CanaryVerdict.FAIL
    assert verification.steps[2].skipped == "the load test has failed already"
    assert verification.reasons[0].text.startswith("Load test: Error rate ")
    assert notes.seconds == []


def test_a_canary_that_is_down_is_found_before_anything_is_sent(well: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        notes = Notebook()
        with pytest.raises(TargetError, match="cannot be connected to"):
            Verifier(_options(url, well, load_test=True), notes).run()
    assert notes.begun == []


def test_a_step_may_be_skipped(well: str) -> None:
    options = _options(well, well, load_test=True, skip=frozenset({StepName.COMPARISON}))
    verification = Verifier(options, Notebook()).run()
    assert verification.steps[2].skipped == "--skip comparison"
    assert verification.verdict in {CanaryVerdict.PASS, CanaryVerdict.INVALID}
    assert any("are the same server" in text for text in verification.warnings)
