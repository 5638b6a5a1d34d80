"""Why a canary passes or fails, in plain words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from slo.detector import Detector
from slo.fault import Beyond, Failed, NewStatus, Slow
from slo.metric import Unit

if TYPE_CHECKING:
    from slo.budget import BudgetTrial
    from slo.calibration import Noise
    from slo.effect import Effect
    from slo.fault import Fault
    from slo.objective import Objective
    from slo.pairs import PairTrial

__all__ = [
    "Reason",
    "blind",
    "culprit",
    "exceeded",
    "lost",
    "missing",
    "passed",
    "shared",
    "small",
    "unanswered",
    "unlike_itself",
    "unproven",
    "untrusted",
    "worse",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that a verdict rests on.

    Attributes:
        endpoint: which; None is all together.
        detector: what found it.
        ratio: canary / baseline; None when there is none.
        since_s: seconds of comparison after which it began; None when that means nothing.
        text: a sentence.
    """

    endpoint: str | None
    detector: Detector
    ratio: float | None = None
    since_s: float | None = None
    text: str


def worse(scope: str | None, fault: Fault, effect: Effect, since_s: float) -> Reason:
    """The canary is worse than the baseline, and by more than the margin."""
    return Reason(
        endpoint=scope,
        detector=Detector.RELATIVE,
        ratio=effect.ratio,
        since_s=since_s,
        text=f"{_where(scope)}: {_compared(fault, effect)}, since {since_s:.0f} s.",
    )


def culprit(scope: str, fault: Fault, effect: Effect) -> Reason:
    """Where most of it comes from that was proven of all endpoints together."""
    return Reason(
        endpoint=scope,
        detector=Detector.RELATIVE,
        ratio=effect.ratio,
        text=f"Most of it comes from {scope}: {_compared(fault, effect)}.",
    )


def small(scope: str | None, fault: Fault, effect: Effect) -> Reason:
    """The canary is worse than the baseline, but not by more than the margin."""
    return Reason(
        endpoint=scope,
        detector=Detector.RELATIVE,
        ratio=effect.ratio,
        text=f"{_where(scope)}: {_compared(fault, effect)}; that is not surely beyond the margin.",
    )


def unproven(
    scope: str | None, fault: Fault, effect: Effect, trial: PairTrial, more: int
) -> Reason:
    """The canary looks worse by what matters, and there were too few blocks to prove it.

    Args:
        scope: where.
        fault: in which respect.
        effect: how much worse it looks.
        trial: the blocks so far.
        more: blocks that it takes at least, each won by the canary; 1 or more.
    """
    needed_s = more * trial.block_s - trial.filled_s
    return Reason(
        endpoint=scope,
        detector=Detector.RELATIVE,
        ratio=effect.ratio,
        text=(
            f"{_where(scope)}: {_compared(fault, effect)}; not proven: the canary did worse in"
            f" {trial.wins} of the {trial.wins + more} blocks of {trial.block_s} s that it takes,"
            f" so compare for at least {needed_s} s more."
        ),
    )


def exceeded(
    objective: Objective, detector: Detector, canary: BudgetTrial, baseline: BudgetTrial
) -> Reason:
    """The canary breaks an objective that the baseline keeps."""
    spent = canary.lately.share
    usual = baseline.whole.share
    return Reason(
        endpoint=objective.scope,
        detector=detector,
        ratio=spent / usual if usual else None,
        since_s=float(canary.drift_since_s),
        text=(
            f"{_where(objective.scope)}: {_percent(spent)} of the requests break"
            f" '{objective.condition}' since {canary.drift_since_s} s, of the baseline's"
            f" {_percent(usual)} do."
        ),
    )


def shared(objective: Objective, detector: Detector) -> Reason:
    """Both arms break an objective: going back would not help."""
    return Reason(
        endpoint=objective.scope,
        detector=detector,
        text=(
            f"{_where(objective.scope)}: canary and baseline both break '{objective.condition}';"
            " that is not the canary's doing."
        ),
    )


def unlike_itself(noise: Noise) -> Reason:
    """The baseline differs from itself."""
    return Reason(
        endpoint=noise.scope,
        detector=Detector.CALIBRATION,
        ratio=noise.effect.ratio,
        text=(
            f"{_where(noise.scope)}: the baseline differs from itself,"
            f" {_compared(noise.fault, noise.effect)}; nothing can be compared with it."
        ),
    )


def unanswered() -> Reason:
    """The baseline gave no answers."""
    return Reason(
        endpoint=None,
        detector=Detector.DATA,
        text="The baseline gave no answers while it was calibrated; is it reachable from here?",
    )


def missing(scope: str | None, baseline: int) -> Reason:
    """The canary has no requests where the baseline has so many."""
    return Reason(
        endpoint=scope,
        detector=Detector.DATA,
        text=(
            f"{_where(scope)}: the canary finished no requests, the baseline {baseline:,};"
            " no data is no pass."
        ),
    )


def lost(objective: Objective) -> Reason:
    """The baseline became bad while the canary was compared with it."""
    return Reason(
        endpoint=objective.scope,
        detector=Detector.DATA,
        text=(
            f"{_where(objective.scope)}: the baseline itself breaks '{objective.condition}' since"
            " it was calibrated; to be no worse than that is no pass."
        ),
    )


def untrusted() -> Reason:
    """The generator was the bottleneck."""
    return Reason(
        endpoint=None,
        detector=Detector.GENERATOR,
        text="The measurement is INVALID: its numbers are about the generator, not the canary.",
    )


def blind(scope: str | None, chances: Mapping[str, float]) -> Reason:
    """Regressions of the size that matters may have been missed.

    Args:
        scope: where.
        chances: that one would have been found, 0..1, by how large it is ("p99 1.5× worse").
    """
    first, *others = sorted(chances.items(), key=lambda each: each[1])
    also = "".join(f", {size} with {chance:.0%}" for size, chance in others)
    return Reason(
        endpoint=scope,
        detector=Detector.POWER,
        text=(
            f"{_where(scope)}: {first[0]} would have been found with only {first[1]:.0%} chance"
            f"{also}; that takes more time or more requests."
        ),
    )


def passed(sizes: Sequence[str], chance: float) -> Reason:
    """Nothing was found that would have been found.

    Args:
        sizes: what would have been found, such as "p99 1.5× worse".
        chance: that it would, 0..1; the least of all.
    """
    return Reason(
        endpoint=None,
        detector=Detector.POWER,
        text=(
            f"Nothing is worse beyond the margin; {', '.join(sizes)} would have been found"
            f" with {chance:.0%} chance."
        ),
    )


def _where(scope: str | None) -> str:
    return "All endpoints" if scope is None else scope


def _compared(fault: Fault, effect: Effect) -> str:
    """The canary's value beside the baseline's, with the interval."""
    now, before = (_value(value, effect.unit) for value in (effect.canary, effect.baseline))
    match fault:
        case Slow():
            what = f"{fault.text} {now} against {before}"
        case Failed():
            what = f"{now} of the requests fail against {before}"
        case Beyond():
            what = f"{now} of the requests break '{fault.text}' against {before}"
        case NewStatus():
            what = f"{now} of the answers have a status that is new, against {before}"
        case _:
            assert_never(fault)
    range_ = effect.interval
    if range_ is None:
        has_ratio = effect.unit is Unit.MS and effect.ratio is not None
        return f"{what}, {effect.ratio:.2f}×" if has_ratio else what
    sure = f"with {range_.confidence:.0%} confidence"
    if effect.unit is Unit.MS and effect.ratio is not None:
        return f"{what}, {effect.ratio:.2f}× ({range_.low:.2f} to {range_.high:.2f} {sure})"
    return f"{what} ({range_.low:+.2f} to {range_.high:+.2f} points {sure})"


def _value(value: float | None, unit: Unit) -> str:
    if value is None:
        return "nothing"
    if unit is not Unit.MS:
        return f"{value:.2f} %"
    # Three digits: a service on the same machine answers in microseconds.
    return (
        f"{value:.1f} ms"
        if value >= 10
        else f"{value:.2f} ms"
        if value >= 1
        else (f"{1000 * value:.0f} µs")
    )


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"
