"""The exit codes of every command, one table, and which of them a measurement deserves."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from slo.validity import Validity

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


def exit_code(measurement: Measurement) -> ExitCode:
    """The code of a run without objectives: could it be done, and is it evidence?"""
    if measurement.run.failure or measurement.total.succeeded == 0:
        return ExitCode.NOT_DONE
    if measurement.health.verdict is Validity.INVALID:
        return ExitCode.INCONCLUSIVE
    return ExitCode.PASS
