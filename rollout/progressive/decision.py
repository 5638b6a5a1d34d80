"""What a stage's judges lead to, by the rollout's policy. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rollout.progressive.judge import Opinion
from rollout.progressive.machine import Event
from rollout.progressive.policy import RolloutPolicy
from slo.canary import CanaryVerdict
from slo.policy import Fallback, OnFailure, OnInconclusive

__all__ = ["Decision", "decide", "failure_event", "lost_event", "worst_verdict"]

_WORST_FIRST = (CanaryVerdict.FAIL, CanaryVerdict.INVALID, CanaryVerdict.INCONCLUSIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is to happen to a stage.

    Attributes:
        event: of the state machine.
        verdict: on the stage.
        text: why, a sentence without a full stop.
    """

    event: Event
    verdict: CanaryVerdict
    text: str


def decide(
    opinions: Sequence[Opinion],
    policy: RolloutPolicy,
    *,
    ended: bool,
    extensions: int = 0,
    gated: bool = False,
) -> Decision | None:
    """The decision on a stage.

    Args:
        opinions: of all judges, now.
        policy: of the rollout.
        ended: the stage has been held for its whole duration.
        extensions: how often this hold has been extended.
        gated: a person promotes.

    Returns:
        None while the hold goes on.
    """
    failed = [each for each in opinions if each.verdict is CanaryVerdict.FAIL]
    for reaction in (OnFailure.ROLLBACK, OnFailure.PAUSE):
        found = [each for each in failed if each.on_failure is reaction]
        if found:
            event = failure_event(reaction)
            return Decision(event=event, verdict=CanaryVerdict.FAIL, text=_joined(found))
    lost = [each for each in opinions if each.lost]
    if lost:
        verdict = CanaryVerdict.INCONCLUSIVE
        return Decision(event=lost_event(policy.on_lost), verdict=verdict, text=_joined(lost))
    return _at_end(opinions, policy, extensions, gated) if ended else None


def failure_event(reaction: OnFailure) -> Event:
    """What a FAIL leads to; one that is to be carried on with is no FAIL."""
    return Event.HALTED if reaction is OnFailure.PAUSE else Event.FAILED


def lost_event(fallback: Fallback) -> Event:
    """What follows when a rollout cannot go on."""
    return Event.TAKE_BACK if fallback is Fallback.ROLLBACK else Event.PAUSE


def worst_verdict(opinions: Sequence[Opinion]) -> CanaryVerdict:
    """Of the opinions that count; without any nothing is known."""
    verdicts = {
        each.verdict
        for each in opinions
        if not (each.verdict is CanaryVerdict.FAIL and each.on_failure is OnFailure.CONTINUE)
    }
    if not opinions:
        return CanaryVerdict.INCONCLUSIVE
    return next((each for each in _WORST_FIRST if each in verdicts), CanaryVerdict.PASS)


def _at_end(
    opinions: Sequence[Opinion], policy: RolloutPolicy, extensions: int, gated: bool
) -> Decision:
    verdict = worst_verdict(opinions)
    passed = Event.GATED if gated else Event.PASSED
    if verdict is CanaryVerdict.PASS:
        return Decision(event=passed, verdict=verdict, text=_joined(opinions))
    text = _joined([each for each in opinions if each.verdict is verdict]) or "nobody judged it"
    event = {
        OnInconclusive.PAUSE: Event.PAUSE,
        OnInconclusive.PROMOTE: passed,
        OnInconclusive.FAIL: Event.FAILED,
        OnInconclusive.EXTEND: (
            Event.EXTENDED if extensions < policy.most_extensions else Event.PAUSE
        ),
    }[policy.on_inconclusive]
    return Decision(
        event=event, verdict=verdict, text=f"{text} ({verdict}: {policy.on_inconclusive})"
    )


def _joined(opinions: Sequence[Opinion]) -> str:
    return "; ".join(f"{each.judge}: {each.text}" for each in opinions)
