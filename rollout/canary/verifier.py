"""Verifies a canary: shadow, load test, comparison, in this order, until one of them fails."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, TypeAlias

from loadgen.coordinator import LoadTestEngine
from loadgen.harvest import new_run_id
from loadgen.interrupts import Interrupts
from loadgen.itinerary import find_itinerary
from loadgen.preflight import require_listener
from rollout.canary.comparison import Comparison
from rollout.canary.same_server import warnings_about
from rollout.canary.steps import after_comparison, after_load_test, after_shadow, skipped
from rollout.canary.verification import Step, StepName, Verification, overall
from slo.canary import CanaryVerdict
from slo.policy import OnInconclusive

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from loadgen.judging import GateOptions
    from loadgen.measurement import Measurement
    from loadgen.plan import Plan
    from loadgen.progress import Progress
    from loadgen.watch.sampler import Sampler
    from rollout.canary.comparison import ComparisonOptions, ComparisonProgress, ComparisonResult
    from rollout.shadow.recorded.session import Progress as ShadowProgress
    from rollout.shadow.result import ShadowResult

__all__ = ["Audience", "ShadowStep", "VerificationOptions", "Verifier"]


class Audience(Protocol):
    """Who is told how a verification goes on, from the thread that runs it."""

    def warned(self, warnings: Sequence[str]) -> None:
        """What makes the verdict worth less; before anything is sent."""

    def begins(self, step: StepName) -> None:
        """A step begins."""

    def shadowed(self, progress: ShadowProgress) -> None:
        """The replay of recorded requests, about once a second."""

    def load(self, progress: Progress) -> None:
        """The load test, about once a second."""

    def interim(self, measurement: Measurement) -> None:
        """The load test so far, every ten seconds."""

    def compared(self, progress: ComparisonProgress) -> None:
        """The comparison, about once a second."""

    def ends(self, step: Step) -> None:
        """A step has ended, or was skipped."""


ShadowStep: TypeAlias = "Callable[[Interrupts, Callable[[ShadowProgress], None]], ShadowResult]"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationOptions:
    """What is verified, and how.

    Attributes:
        plan: of the load test; its target is the canary. The comparison sends its requests.
        gate: what the load test is held against.
        production_url, baseline_url: "" for none.
        environment: whose thresholds hold.
        preflight: the line about what the comparison will be able to see.
        shadow: makes the shadow step's result; None without a source. It ends early when a stop
            is asked for, and tells how far it is.
        load_test: a load test is asked for.
        comparison: what is compared; None when there is nothing to compare with.
        skip: steps that are left out.
        on_inconclusive: what follows when nothing is proven.
    """

    plan: Plan
    gate: GateOptions
    production_url: str = ""
    baseline_url: str = ""
    preflight: str = ""
    shadow: ShadowStep | None = None
    load_test: bool = False
    comparison: ComparisonOptions | None = None
    skip: frozenset[StepName] = field(default_factory=frozenset)
    on_inconclusive: OnInconclusive = OnInconclusive.PAUSE

    @property
    def left_out(self) -> Mapping[StepName, str]:
        """The steps that are not done, and why."""
        why = {
            StepName.SHADOW: "" if self.shadow else "no --shadow SOURCE was given",
            StepName.LOAD_TEST: "" if self.load_test else "nobody asked for it (--load-test)",
            StepName.COMPARISON: "" if self.comparison else "there is nothing to compare with",
        }
        why |= {name: f"--skip {name.option}" for name in self.skip}
        return {name: text for name, text in why.items() if text}


@dataclass(slots=True, kw_only=True)
class _Findings:
    """What the steps that were done have measured."""

    steps: list[Step] = field(default_factory=list)
    shadow: ShadowResult | None = None
    shadow_interrupted: bool = False
    load_test: Measurement | None = None
    comparison: ComparisonResult | None = None

    @property
    def interrupted(self) -> bool:
        load_interrupted = self.load_test is not None and self.load_test.run.interrupted
        comparison_interrupted = self.comparison is not None and self.comparison.interrupted
        return self.shadow_interrupted or load_interrupted or comparison_interrupted

    @property
    def failure(self) -> str:
        """Why the verification could not be done as planned."""
        of_load = self.load_test.run.failure if self.load_test else ""
        return of_load or (self.comparison.failure if self.comparison else "")


class Verifier:
    """Carries out one verification.

    Args:
        options: what is verified.
        audience: is told how it goes on.
        sampler: tells CPU and memory beside the load test.
    """

    def __init__(
        self, options: VerificationOptions, audience: Audience, *, sampler: Sampler | None = None
    ) -> None:
        self._options = options
        self._audience = audience
        self._sampler = sampler
        self._found = _Findings()

    def run(self) -> Verification:
        """Does the steps and judges; blocking. The rollback is left to whoever asked.

        Raises:
            TargetError: a side is down from the start; nothing was sent.
            ConfigError: this machine or the configuration does not allow it.
            WorkerError: the workers could not be started.
        """
        options = self._options
        warnings = self._prepared()
        self._audience.warned(warnings)
        started_at, began_s = datetime.now(UTC), time.monotonic()
        for name in StepName:
            self._do(name)
        found = self._found
        verdict = overall(found.steps)
        if found.interrupted and verdict is CanaryVerdict.PASS:
            verdict = CanaryVerdict.INCONCLUSIVE
        return Verification(
            id=new_run_id(started_at),
            started_at=started_at,
            seconds=time.monotonic() - began_s,
            environment=options.plan.environment,
            canary_url=options.plan.target,
            production_url=options.production_url,
            baseline_url=options.baseline_url,
            compared_url=options.comparison.baseline_url if options.comparison else "",
            preflight=options.preflight,
            warnings=warnings,
            steps=tuple(found.steps),
            verdict=verdict,
            on_inconclusive=options.on_inconclusive,
            shadow=found.shadow,
            load_test=found.load_test,
            comparison=found.comparison,
            interrupted=found.interrupted,
            failure=found.failure,
        )

    def _prepared(self) -> tuple[str, ...]:
        """Finds out before anything is sent whether every side is there; warnings about them."""
        options = self._options
        sides = {
            "the canary": options.plan.target,
            "the baseline": options.baseline_url,
            "production": options.production_url,
        }
        stops = {
            side: find_itinerary(dataclasses.replace(options.plan, target=url)).stops[0]
            for side, url in sides.items()
            if url
        }
        for side, stop in stops.items():
            require_listener(
                stop.target,
                stop.addresses,
                local_addresses=options.plan.local_addresses,
                side=side,
            )
        canary, *others = stops.values()
        compares = StepName.COMPARISON not in options.left_out
        return warnings_about(canary, others, fresh=bool(options.baseline_url) or not compares)

    def _do(self, name: StepName) -> None:
        """One step, unless there is a reason to leave it out."""
        why_not = self._options.left_out.get(name, "") or self._why_not_any_more()
        if why_not:
            step = skipped(name, why_not)
        else:
            self._audience.begins(name)
            began_s = time.monotonic()
            match name:
                case StepName.SHADOW:
                    step = self._shadowed()
                case StepName.LOAD_TEST:
                    step = self._loaded()
                case StepName.COMPARISON:
                    step = self._compared()
            step = dataclasses.replace(step, seconds=time.monotonic() - began_s)
        self._found.steps.append(step)
        self._audience.ends(step)

    def _why_not_any_more(self) -> str:
        """Why no further step is done: a canary that failed gets no more load."""
        if self._found.interrupted:
            return "it was ended by hand"
        failed = [step.name for step in self._found.steps if step.verdict is CanaryVerdict.FAIL]
        return f"the {failed[0]} has failed already" if failed else ""

    def _shadowed(self) -> Step:
        assert self._options.shadow is not None
        interrupts = Interrupts()
        try:
            with interrupts.on_signals():
                self._found.shadow = self._options.shadow(interrupts, self._audience.shadowed)
        finally:
            interrupts.close()
        self._found.shadow_interrupted = interrupts.asked > 0
        return after_shadow(self._found.shadow)

    def _loaded(self) -> Step:
        self._found.load_test = LoadTestEngine(
            self._options.plan,
            gate=self._options.gate,
            sampler=self._sampler,
            on_progress=self._audience.load,
            on_interim=self._audience.interim,
        ).run()
        return after_load_test(self._found.load_test)

    def _compared(self) -> Step:
        assert self._options.comparison is not None
        self._found.comparison = Comparison(
            self._options.plan, self._options.comparison, on_second=self._audience.compared
        ).run()
        return after_comparison(self._found.comparison)
