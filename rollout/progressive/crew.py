"""What a controller works with: everything that reaches out of this process, in one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from loadgen.rollback import RollbackOptions
from rollout.progressive.announcer import Announcer
from rollout.progressive.judge import Judge
from rollout.progressive.news import News
from rollout.progressive.policy import RolloutPolicy
from rollout.progressive.stage import DEFAULT_STAGES, Hook, Stage
from rollout.proof import ProofOptions
from rollout.routers.router import Router

__all__ = ["Crew", "RolloutPlan", "call_nobody"]

CallHook = Callable[[Hook, Mapping[str, object], str, Callable[[], bool]], str]
"""Calls a webhook with a body and an idempotency key, until it is told to give up; "" when it was
taken, else why not, a clause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutPlan:
    """What is to be done.

    Attributes:
        stages: in their order, found right.
        policy: what follows from verdicts.
        attended: a person can give orders while it is paused; else a paused rollout ends
            the process.
    """

    stages: tuple[Stage, ...] = DEFAULT_STAGES
    policy: RolloutPolicy = field(default_factory=RolloutPolicy)
    attended: bool = False


def call_nobody(
    _hook: Hook, _body: Mapping[str, object], _key: str, _given_up: Callable[[], bool]
) -> str:
    """Stands where no webhook can be called."""
    return "webhooks cannot be called here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Who does it.

    Attributes:
        router: moves the traffic.
        proof: how a split is measured.
        judges: look at each stage.
        check_stable: asks whether the stable side can take all traffic: "" when it can.
        command: takes the deployment back after the weights; None: nothing does.
        call_hook: calls webhooks.
        announcer: tells people elsewhere, each turn once; None: nobody does.
        on_news: is told of everything, from the thread that runs; must not block.
    """

    router: Router
    proof: ProofOptions
    judges: Sequence[Judge]
    check_stable: Callable[[], str] | None = None
    command: RollbackOptions | None = None
    call_hook: CallHook = call_nobody
    announcer: Announcer | None = None
    on_news: Callable[[News], None] = lambda _news: None
