"""One visit to the doctor: show the findings, calibrate, answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.doctor import Box, Level, examine, search
from loadgen.doctor.table import calibration_text, findings_table, trial_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from rich.console import Console

    from slo.validity import Health

    Probing = Callable[[int], AbstractContextManager[Callable[[float], Health]]]

__all__ = ["consult"]


def consult(box: Box, connections: int, *, probing: Probing | None, console: Console) -> bool:
    """Examines a box and says what was found.

    Args:
        box: as it was read.
        connections: that a run will have.
        probing: measures the box, see `loadgen.doctor.probe`; None: no calibration.
        console: where it is said.

    Returns:
        True when the box can be trusted.

    Raises:
        LoadgenError: the calibration could not be done.
    """
    findings = examine(box, concurrency=connections)
    console.print(findings_table(findings))
    trusted = all(finding.level is not Level.FAIL for finding in findings)
    if probing is None:
        return trusted
    console.print(f"\nCalibrating with {connections:,} connections to the built-in target:")
    with probing(connections) as measure:
        found = search(
            measure, on_trial=lambda number, trial: console.print(trial_text(number, trial))
        )
    console.print()
    console.print(calibration_text(found))
    return trusted and found.trusted_rps > 0
