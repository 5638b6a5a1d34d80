"""All clues of a run in the order of their weight. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from loadgen.report.diagnosis.clue import Clue
from loadgen.report.diagnosis.connections import clues as of_connections
from loadgen.report.diagnosis.failures import clues as of_failures
from loadgen.report.diagnosis.tail import clues as of_tail
from loadgen.report.diagnosis.throughput import clues as of_throughput
from loadgen.report.diagnosis.trend import clues as of_trend
from slo.validity import Validity

if TYPE_CHECKING:
    from loadgen.measurement import Measurement

__all__ = ["NOTHING_STANDS_OUT", "diagnose"]

NOTHING_STANDS_OUT = "Nothing stands out."
"""What stands where there is no clue."""

_RULES: tuple[Callable[[Measurement], Iterator[Clue]], ...] = (
    of_failures,
    of_throughput,
    of_trend,
    of_tail,
    of_connections,
)


def diagnose(measurement: Measurement) -> tuple[Clue, ...]:
    """What the run points to.

    An INVALID measurement points to the generator and to nothing else: its numbers do not
    tell anything of the target.

    Args:
        measurement: of a run, judged when it has objectives.

    Returns:
        The clues, the weightiest first; empty when nothing stands out.
    """
    health = measurement.health
    if health.verdict is Validity.INVALID:
        return (Clue(weight=2.0, text=f"Look at the generator first. {health.reasons[0]}"),)
    found = [clue for rule in _RULES for clue in rule(measurement)]
    return tuple(sorted(found, key=lambda clue: -clue.weight))
