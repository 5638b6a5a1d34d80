"""What follows from a run that was judged: the comparison with a baseline, the rollback."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from loadgen.consequence import BaselineResult, RollbackOutcome
from loadgen.judging import sample_of
from loadgen.rollback import roll_back
from loadgen.secret import strike_out
from slo.compare import compare
from slo.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.measurement import Measurement
    from loadgen.rollback import RollbackOptions
    from loadgen.secret import Secret
    from slo.compare import Margin

__all__ = ["after_rollback", "beside", "rollback_withheld"]


def beside(measurement: Measurement, baseline: Measurement, margin: Margin) -> Measurement:
    """The measurement with its comparison. Pure.

    Args:
        measurement: of the later run.
        baseline: of the earlier one.
        margin: what is still the same.
    """
    result = BaselineResult(
        run_id=baseline.run.id,
        margin_ratio=margin.ratio,
        same_plan=baseline.run.plan_hash == measurement.run.plan_hash,
        comparison=compare(sample_of(baseline), sample_of(measurement), margin=margin),
    )
    return dataclasses.replace(measurement, baseline=result)


def after_rollback(
    measurement: Measurement, options: RollbackOptions, *, secrets: Sequence[Secret] = ()
) -> Measurement:
    """Rolls back when the verdict asks for it, and tells in the measurement what became of it.

    Args:
        measurement: of the run.
        options: what is run, and whether it may be.
        secrets: struck out of what the command writes.
    """
    withheld = rollback_withheld(measurement, options)
    if withheld or measurement.slo is None:
        outcome = RollbackOutcome(
            ordered=False,
            succeeded=False,
            attempts=0,
            seconds=0.0,
            output=(),
            text=f"Not rolled back: {withheld}",
        )
    else:
        outcome = roll_back(
            options, run_id=measurement.run.id, violations=measurement.slo.violations
        )
        shown = tuple(strike_out(line, secrets) for line in outcome.output)
        outcome = dataclasses.replace(outcome, output=shown)
    return dataclasses.replace(measurement, rollback=outcome)


def rollback_withheld(measurement: Measurement, options: RollbackOptions) -> str:
    """Why a run does not order its rollback, for a sentence; "" when it does. Pure.

    Production is not touched by surprise: never without leave, never on a verdict that is not
    FAIL (an INVALID measurement has no such verdict), never when somebody ended the run.
    """
    if measurement.slo is None:
        return "the run has no objectives"
    if measurement.slo.verdict is not Verdict.FAIL:
        return f"the verdict is {measurement.slo.verdict}"
    if measurement.run.interrupted:
        return "the run was ended by hand"
    if not options.auto:
        return "nobody asked for it (--auto-rollback-on-loadfail)"
    return ""
