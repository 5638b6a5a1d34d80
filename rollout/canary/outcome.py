"""What follows from a verification: the rollback, and how the process ends."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from loadgen.consequence import RollbackOutcome
from loadgen.exitcode import ExitCode
from loadgen.rollback import roll_back
from loadgen.secret import strike_out
from rollout.side_check import check_side
from slo.canary import CanaryVerdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.rollback import RollbackOptions
    from loadgen.secret import Secret
    from rollout.canary.verification import Verification

__all__ = ["after_rollback", "exit_code", "rollback_withheld"]


def after_rollback(
    verification: Verification,
    options: RollbackOptions,
    *,
    secrets: Sequence[Secret] = (),
    asks_url: str = "",
) -> Verification:
    """Rolls back once when the verdict asks for it, and tells what became of it.

    A command that ended well has succeeded; whether production answers then is told beside it.

    Args:
        verification: that is over.
        options: what is run, and whether it may be.
        secrets: struck out of what the command writes.
        asks_url: production, which is asked after a rollback whether it answers; "" for none.
    """
    if withheld := rollback_withheld(verification, options):
        outcome = RollbackOutcome(
            ordered=False,
            succeeded=False,
            attempts=0,
            seconds=0.0,
            output=(),
            text=f"Not rolled back: {withheld}",
        )
    else:
        reasons = [reason.text.removesuffix(".") for reason in verification.reasons]
        outcome = roll_back(options, run_id=verification.id, violations=reasons)
        shown = tuple(strike_out(line, secrets) for line in outcome.output)
        outcome = dataclasses.replace(outcome, output=shown)
        if outcome.succeeded and asks_url:
            problem = check_side(asks_url)
            answers = f"but a person is needed: {problem}" if problem else f"{asks_url} answers"
            outcome = dataclasses.replace(outcome, text=f"{outcome.text}; {answers}")
    return dataclasses.replace(verification, rollback=outcome)


def rollback_withheld(verification: Verification, options: RollbackOptions) -> str:
    """Why the rollback is not ordered, for a sentence; "" when it is. Pure.

    A verdict that was proven before somebody ended the verification is a verdict all the same;
    yet whoever ends it by hand is there to decide.
    """
    if not verification.rejected:
        return f"the verdict is {verification.verdict}"
    if verification.interrupted:
        return "the verification was ended by hand"
    if not options.auto:
        return "nobody asked for it (--auto-rollback-on-loadfail)"
    return ""


def exit_code(verification: Verification) -> ExitCode:
    """The code of a verification: the first row of the table that is true of it. Pure."""
    rollback = verification.rollback
    rollback_failed = rollback is not None and rollback.ordered and not rollback.succeeded
    rows = (
        (rollback_failed, ExitCode.ROLLBACK_FAILED),
        (verification.verdict is CanaryVerdict.FAIL, ExitCode.FAIL),
        (bool(verification.failure), ExitCode.NOT_DONE),
        (verification.rejected, ExitCode.FAIL),
        (verification.accepted, ExitCode.PASS),
    )
    return next((code for is_true, code in rows if is_true), ExitCode.INCONCLUSIVE)
