"""Follows canary and baseline second by second: one scope compared, one budget kept. Pure.

What is remembered does not grow with the run. State, but neither clock nor I/O.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from slo import reason
from slo.blocks import Arms, PairedBlocks
from slo.budget import Pace, trial
from slo.calibration import Noise, Usual
from slo.compare import Margin
from slo.detector import Detector, Look
from slo.effect import Effect, effect
from slo.evidence import BudgetEvidence, PairEvidence
from slo.fault import Failed, Fault, Slow, Tally, heard, tally
from slo.metric import Unit
from slo.pairs import BLOCK_S, PairTrial
from slo.policy import Policy
from slo.reason import Reason
from slo.sample import Counts, Reading, Sample, read

__all__ = ["PACES", "BudgetWatch", "ScopeWatch"]

NEAR = 0.5
"""A baseline with so much of the logarithm that is needed is itself about to break the budget."""
PACES: Mapping[Detector, Pace] = {Detector.FAST: Pace.FAST, Detector.SLOW: Pace.SLOW}


class ScopeWatch:
    """Compares both arms in one scope, in all respects that were calibrated.

    Args:
        scope: an endpoint; None is all together.
        noise: of this scope.
        alphas: by look.
        margin: what is still the same.
        earlier: evidence to go on with.
    """

    def __init__(
        self,
        scope: str | None,
        noise: Sequence[Noise],
        alphas: Mapping[Look, float],
        *,
        margin: Margin,
        earlier: Mapping[Look, PairEvidence],
    ) -> None:
        self.scope = scope
        self.noise = tuple(noise)
        self._margin = margin
        self._block_s = max((each.block_s for each in noise), default=BLOCK_S)
        self._blocks = PairedBlocks()
        self._seconds = 0
        self._now = self._block_began = _NOTHING
        looks = [
            Look(scope=scope, detector=Detector.RELATIVE, subject=each.fault.text) for each in noise
        ]
        self.evidence = tuple(
            earlier.get(look)
            or PairEvidence(look=look, alpha=alphas[look], trial=PairTrial(block_s=each.block_s))
            for look, each in zip(looks, noise, strict=True)
        )
        self._worse: dict[Look, Reason] = {}

    def look(self, baseline: Sample, canary: Sample) -> None:
        """Takes in one more second: the states of both arms at the same instant."""
        last, self._now = (
            self._now,
            Arms(baseline=baseline.of(self.scope), canary=canary.of(self.scope)),
        )
        self._seconds += 1
        if self._seconds % self._block_s == 0:
            self._blocks = self._blocks.and_block(self._now.since(self._block_began))
            self._block_began = self._now
        self.evidence = tuple(
            self._after(each, noise, last)
            for each, noise in zip(self.evidence, self.noise, strict=True)
        )

    @property
    def worse(self) -> tuple[Reason, ...]:
        """What has been found so far; a finding stays."""
        return tuple(self._worse.values())

    @property
    def small(self) -> tuple[Reason, ...]:
        """What is proven to be worse, but not by more than the margin."""
        return tuple(
            reason.small(self.scope, noise.fault, self.effect(noise))
            for each, noise in zip(self.evidence, self.noise, strict=True)
            if each.proven and each.look not in self._worse
        )

    def suspected(self, policy: Policy) -> tuple[Reason, ...]:
        """What looks worse by as much as matters and is not proven: of times and errors one each.

        Args:
            policy: says what matters.
        """
        seen = [
            (each, noise.fault, self.effect(noise))
            for each, noise in zip(self.evidence, self.noise, strict=True)
            if not each.proven and isinstance(noise.fault, Slow | Failed)
        ]
        seen = [each for each in seen if _matters(each[2], policy)]
        largest: dict[type[Fault], tuple[PairEvidence, Fault, Effect]] = {}
        for each in sorted(seen, key=lambda each: each[2].ratio or 0.0):
            largest[type(each[1])] = each
        return tuple(
            reason.unproven(self.scope, fault, size, each.trial, each.trial.lacking(each.needed))
            for each, fault, size in largest.values()
        )

    @property
    def missing(self) -> tuple[Reason, ...]:
        """That the canary has no requests where the baseline has."""
        baseline, canary = self._now.baseline.finished, self._now.canary.finished
        if canary or not baseline:
            return ()
        return (reason.missing(self.scope, baseline),)

    @property
    def n(self) -> int:
        """Requests of the arm that has fewer."""
        return min(self._now.baseline.finished, self._now.canary.finished)

    @property
    def seconds(self) -> int:
        """Of comparison, so far."""
        return self._seconds

    def effect(self, noise: Noise) -> Effect:
        """How much worse the canary is so far.

        Args:
            noise: in which respect.
        """
        return effect(noise.fault, self._now, self._blocks, self._margin)

    def _after(self, before: PairEvidence, noise: Noise, last: Arms) -> PairEvidence:
        """The evidence after one more second."""
        baseline, canary = heard(
            tally(noise.fault, self._now.baseline) - tally(noise.fault, last.baseline),
            tally(noise.fault, self._now.canary) - tally(noise.fault, last.canary),
        )
        after = replace(before, trial=before.trial.second(baseline, canary))
        closed = not after.trial.filled_s
        if closed and not after.proven and after.log_evidence >= after.needed:
            after = replace(after, proven=True)
        if closed and after.proven and after.look not in self._worse:
            size = self.effect(noise)
            if size.worse:
                since_s = float(after.trial.drift_since_s)
                self._worse[after.look] = reason.worse(self.scope, noise.fault, size, since_s)
        return after


class BudgetWatch:
    """Holds both arms against the budget of one objective, fast and slow.

    Args:
        usual: the objective, and how much of its budget the baseline takes.
        alphas: by look.
        earlier: evidence to go on with.
    """

    def __init__(
        self, usual: Usual, alphas: Mapping[Look, float], earlier: Mapping[Look, BudgetEvidence]
    ) -> None:
        self._objective = usual.objective
        self._baseline = self._canary = Reading(t_s=0.0, n=0, part=0)
        self.evidence = tuple(_begun(usual, detector, alphas, earlier) for detector in PACES)
        self._exceeded: dict[Look, Reason] = {}

    def look(self, baseline: Sample, canary: Sample) -> None:
        """Takes in one more second: the states of both arms at the same instant."""
        last_baseline, self._baseline = self._baseline, read(self._objective, baseline)
        last_canary, self._canary = self._canary, read(self._objective, canary)
        usual, seen = heard(
            _tally(self._baseline.since(last_baseline)), _tally(self._canary.since(last_canary))
        )
        self.evidence = tuple(self._after(each, usual, seen) for each in self.evidence)

    @property
    def exceeded(self) -> tuple[Reason, ...]:
        """What has been found so far; a finding stays."""
        return tuple(self._exceeded.values())

    @property
    def shared(self) -> tuple[Reason, ...]:
        """That both arms break the objective."""
        return tuple(
            reason.shared(self._objective, each.look.detector)
            for each in self.evidence
            if each.shared and not each.proven
        )

    @property
    def lost(self) -> tuple[Reason, ...]:
        """That the baseline breaks the objective, or has got worse than it was calibrated."""
        broken = any(each.baseline.log_evidence >= each.needed for each in self.evidence)
        return (reason.lost(self._objective),) if broken else ()

    def _after(self, before: BudgetEvidence, usual: Tally, seen: Tally) -> BudgetEvidence:
        after = replace(
            before, trial=before.trial.second(seen), baseline=before.baseline.second(usual)
        )
        if not after.proven and after.log_evidence >= after.needed:
            near = after.baseline.log_evidence >= NEAR * after.needed
            after = replace(after, shared=True) if near else replace(after, proven=True)
        if after.proven and after.look not in self._exceeded:
            self._exceeded[after.look] = reason.exceeded(
                self._objective, after.look.detector, after.trial, after.baseline
            )
        return after


def _matters(size: Effect, policy: Policy) -> bool:
    """True when the canary looks worse by as much as matters, and no interval denies it."""
    if size.baseline is None or size.canary is None or (size.interval and not size.worse):
        return False
    if size.unit is Unit.MS:
        return size.ratio is not None and size.ratio >= policy.ratio
    return size.canary - size.baseline >= policy.error_points


def _begun(
    usual: Usual,
    detector: Detector,
    alphas: Mapping[Look, float],
    earlier: Mapping[Look, BudgetEvidence],
) -> BudgetEvidence:
    objective = usual.objective
    look = Look(scope=objective.scope, detector=detector, subject=objective.condition)
    new = trial(usual.budget, PACES[detector], burst_block_s=usual.burst_block_s)
    begun = BudgetEvidence(look=look, alpha=alphas[look], trial=new, baseline=new)
    return earlier.get(look, begun)


def _tally(reading: Reading) -> Tally:
    return Tally.of(reading.part, reading.n)


_NOTHING = Arms(baseline=Counts.none(), canary=Counts.none())
