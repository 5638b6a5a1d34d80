"""Judges a canary beside its baseline, second by second: is it worse, and may it pass? Pure.

calibration = calibrator.conclude()                     # the baseline against itself, before
judge = CanaryJudge(calibration)
each second:  so_far = judge.look(baseline, canary)     # FAIL: stop, and roll back
at the end:   verdict = judge.conclude(trusted=health.verdict is not Validity.INVALID)

FAIL takes evidence that may be watched (slo.budget, slo.pairs): about the baseline it also takes
an effect beyond the margin (slo.effect), about a budget a baseline that keeps it. PASS takes
that a regression which matters would have been found (slo.power).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from slo import hindsight, reason
from slo.canary_watch import PACES, BudgetWatch, ScopeWatch
from slo.detector import Detector, Look, allot
from slo.evidence import BudgetEvidence, PairEvidence
from slo.policy import Policy

if TYPE_CHECKING:
    from slo.calibration import Calibration
    from slo.effect import Effect
    from slo.reason import Reason
    from slo.sample import Sample

__all__ = ["CanaryJudge", "CanaryJudgement", "CanaryVerdict"]


class CanaryVerdict(StrEnum):
    """What is known of a canary.

    PASS: not worse, and a regression that matters would have been found. FAIL: worse.
    INCONCLUSIVE: neither. INVALID: the measurement says nothing about the canary.
    """

    PASS = "PASS"
    INCONCLUSIVE = "INCONCLUSIVE"
    FAIL = "FAIL"
    INVALID = "INVALID"


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryJudgement:
    """The verdict on a canary, so far or in the end.

    Attributes:
        verdict: INCONCLUSIVE while it goes on.
        reasons: what it rests on, single endpoints first.
        notes: what else was seen and decided nothing.
        evidence: of all detectors, to draw, to store and to go on with.
        seconds: of comparison.
    """

    verdict: CanaryVerdict
    reasons: tuple[Reason, ...]
    notes: tuple[Reason, ...]
    evidence: tuple[PairEvidence | BudgetEvidence, ...]
    seconds: int


class CanaryJudge:
    """Follows a comparison and judges it.

    Args:
        calibration: the baseline against itself.
        policy: what is to be found.
        evidence: of an earlier stage, to go on with: it is looked up by what it looks at.
    """

    def __init__(
        self,
        calibration: Calibration,
        *,
        policy: Policy | None = None,
        evidence: Sequence[PairEvidence | BudgetEvidence] = (),
    ) -> None:
        self._calibration = calibration
        self._policy = policy or Policy()
        self._alphas = allot(self._policy.alpha, _looks(calibration))
        pairs = {each.look: each for each in evidence if isinstance(each, PairEvidence)}
        budgets = {each.look: each for each in evidence if isinstance(each, BudgetEvidence)}
        self._scopes = [
            ScopeWatch(
                scope,
                [each for each in calibration.noise if each.scope == scope],
                self._alphas,
                margin=self._policy.margin,
                earlier=pairs,
            )
            for scope in calibration.baseline
        ]
        self._budgets = [BudgetWatch(usual, self._alphas, budgets) for usual in calibration.usual]
        self._seconds = 0

    @property
    def effects(self) -> Mapping[Look, Effect]:
        """How much worse the canary is so far, by what is compared."""
        return {
            Look(scope=scope.scope, detector=Detector.RELATIVE, subject=noise.fault.text): (
                scope.effect(noise)
            )
            for scope in self._scopes
            for noise in scope.noise
        }

    def look(self, baseline: Sample, canary: Sample, *, trusted: bool = True) -> CanaryJudgement:
        """The verdict after one more second.

        Args:
            baseline: the state of one arm; its counts go up from second to second.
            canary: of the other at the same instant.
            trusted: false while the measurement is INVALID.
        """
        for scope in self._scopes:
            scope.look(baseline, canary)
        for budget in self._budgets:
            budget.look(baseline, canary)
        self._seconds += 1
        return (
            self._invalid(trusted) or self._failed() or self._judged(CanaryVerdict.INCONCLUSIVE, ())
        )

    def conclude(self, *, trusted: bool = True) -> CanaryJudgement:
        """The verdict in the end.

        Args:
            trusted: false when the measurement is INVALID.
        """
        return self._invalid(trusted) or self._failed() or self._passed()

    def _invalid(self, trusted: bool) -> CanaryJudgement | None:
        if not trusted:
            return self._judged(CanaryVerdict.INVALID, [reason.untrusted()])
        if self._calibration.valid:
            return None
        differing = (reason.unlike_itself(each) for each in self._calibration.noise if each.differs)
        return self._judged(CanaryVerdict.INVALID, list(differing) or [reason.unanswered()])

    def _failed(self) -> CanaryJudgement | None:
        found = [each for scope in self._scopes for each in scope.worse]
        found += [each for budget in self._budgets for each in budget.exceeded]
        if not found:
            return None
        found.sort(key=lambda each: (each.endpoint is None, each.since_s))
        if all(each.endpoint is None for each in found):
            found += self._culprits()
        return self._judged(CanaryVerdict.FAIL, found)

    def _culprits(self) -> list[Reason]:
        """The endpoint that has most of what was proven of all together, for whoever looks for it.

        All together are proven sooner than a single one, and then nobody waits for that. Where
        most endpoints are worse, none of them stands out.
        """
        likely = [
            (evidence.log_evidence, scope.scope, noise.fault, size)
            for scope in self._scopes
            for evidence, noise in zip(scope.evidence, scope.noise, strict=True)
            if scope.scope is not None and (size := scope.effect(noise)).worse
        ]
        single = sum(scope.scope is not None for scope in self._scopes)
        if not likely or 2 * len({name for _, name, _, _ in likely}) > single:
            return []
        _, name, fault, size = max(likely, key=lambda each: each[0])
        return [reason.culprit(name, fault, size)]

    def _passed(self) -> CanaryJudgement:
        """PASS when nothing is missing and enough could be seen."""
        chances = [
            each
            for scope in self._scopes
            for each in hindsight.chances(scope, self._calibration, self._alphas, self._policy)
        ]
        whole = [each for each in chances if each.scope is None]
        shared = [each for budget in self._budgets for each in budget.shared]
        missing = [each for scope in self._scopes for each in scope.missing]
        lost = [each for budget in self._budgets for each in budget.lost]
        lacking = (*missing, *shared, *lost, *hindsight.unseen(whole))
        notes = [each for scope in self._scopes for each in scope.suspected(self._policy)]
        notes += [each for scope in self._scopes for each in scope.small]
        notes += hindsight.unseen([each for each in chances if each.scope is not None])
        if lacking:
            return self._judged(CanaryVerdict.INCONCLUSIVE, lacking, notes)
        sure = reason.passed([each.size for each in whole], min(each.found for each in whole))
        return self._judged(CanaryVerdict.PASS, [sure], notes)

    def _judged(
        self, verdict: CanaryVerdict, reasons: Sequence[Reason], notes: Sequence[Reason] = ()
    ) -> CanaryJudgement:
        return CanaryJudgement(
            verdict=verdict,
            reasons=tuple(reasons),
            notes=tuple(notes),
            evidence=(
                *(each for scope in self._scopes for each in scope.evidence),
                *(each for budget in self._budgets for each in budget.evidence),
            ),
            seconds=self._seconds,
        )


def _looks(calibration: Calibration) -> tuple[Look, ...]:
    """All that is looked at."""
    relative = [
        Look(scope=each.scope, detector=Detector.RELATIVE, subject=each.fault.text)
        for each in calibration.noise
    ]
    absolute = [
        Look(scope=each.objective.scope, detector=detector, subject=each.objective.condition)
        for each in calibration.usual
        for detector in PACES
    ]
    return (*relative, *absolute)
