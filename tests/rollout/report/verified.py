"""Verifications with something in every section, for the tests of their reports."""

from __future__ import annotations

import dataclasses
from functools import cache

from loadgen.consequence import RollbackOutcome
from rollout.canary.steps import after_shadow
from rollout.canary.verification import Verification
from tests.loadgen import judged
from tests.rollout.canary import samples
from tests.rollout.shadow.samples import failed_result

__all__ = ["EVIL", "evil", "full", "passed", "uncompared"]

EVIL = "</script><script>alert(1)</script><!-- \"'& | `"


@cache
def full() -> Verification:
    """All three steps were done and failed, and the deployment was rolled back."""
    verification = samples.verification(
        "slow",
        load_test=judged.violated(),
        rollback=RollbackOutcome(
            ordered=True,
            succeeded=True,
            attempts=1,
            seconds=1.25,
            output=("deployment rolled back",),
            text="Rolled back by kubectl in 1.2 s",
        ),
    )
    shadow = failed_result()
    return dataclasses.replace(
        verification,
        shadow=shadow,
        steps=(after_shadow(shadow), *verification.steps[1:]),
        warnings=("without --baseline-url production itself is the baseline",),
    )


@cache
def passed() -> Verification:
    """Nothing but a comparison, of a canary that is no worse."""
    return samples.verification()


@cache
def uncompared() -> Verification:
    """The baseline answered nothing, so that nothing was compared."""
    return samples.verification("unanswered")


def evil() -> Verification:
    """Whatever others name has a name that is markup."""
    whole = full()
    steps = tuple(
        dataclasses.replace(
            step,
            reasons=tuple(
                dataclasses.replace(reason, text=EVIL, endpoint=EVIL) for reason in step.reasons
            ),
        )
        for step in whole.steps
    )
    assert whole.rollback is not None
    return dataclasses.replace(
        whole,
        canary_url=EVIL,
        compared_url=EVIL,
        environment=EVIL,
        failure=EVIL,
        warnings=(EVIL,),
        steps=steps,
        rollback=dataclasses.replace(whole.rollback, text=EVIL, output=(EVIL,)),
    )
