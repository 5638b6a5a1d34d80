"""The exit codes of every command, one table, and which of them a measurement deserves."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from slo.validity import Validity
from slo.verdict import Verdict

if TYPE_CHECKING:
    from loadgen.measurement import Measurement

__all__ = ["ExitCode", "exit_code"]


class ExitCode(IntEnum):
    """What the process tells the shell; a result never ends in another code."""

    PASS = 0
    FAIL = 1
    """An objective is violated."""
    USAGE = 2
    """An option or the configuration is wrong; nothing was sent."""
    INCONCLUSIVE = 3
    """Too little data, or the generator was saturated: no evidence either way."""
    NOT_DONE = 4
    """The run could not be done: no request succeeded, or a worker died."""
    ROLLBACK_FAILED = 5
    """A rollback was ordered and did not succeed: a person is needed."""


def exit_code(measurement: Measurement, *, fail_on_violation: bool = True) -> ExitCode:
    """The code of a run: the first row of the table that is true of it.

    Args:
        measurement: of the run, judged when it has objectives.
        fail_on_violation: False lets a run with violated objectives end with 0.
    """
    run, verdict = measurement.run, measurement.slo.verdict if measurement.slo else Verdict.PASS
    rows = (
        (_rollback_failed(measurement), ExitCode.ROLLBACK_FAILED),
        (bool(run.failure) or measurement.total.succeeded == 0, ExitCode.NOT_DONE),
        (measurement.health.verdict is Validity.INVALID, ExitCode.INCONCLUSIVE),
        (verdict is Verdict.INCONCLUSIVE, ExitCode.INCONCLUSIVE),
        (verdict is Verdict.FAIL and fail_on_violation, ExitCode.FAIL),
    )
    return next((code for is_true, code in rows if is_true), ExitCode.PASS)


def _rollback_failed(measurement: Measurement) -> bool:
    rollback = measurement.rollback
    return rollback is not None and rollback.ordered and not rollback.succeeded
