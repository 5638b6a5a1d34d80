"""What the doctor shows: findings and a calibration as aligned, calm text. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from loadgen.doctor.calibration import Calibration, Limit, Trial
from loadgen.doctor.finding import Finding, Level

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["calibration_text", "findings_table", "trial_text"]

_STYLES: Mapping[Level, str] = {
    Level.OK: "green",
    Level.WARN: "yellow",
    Level.FAIL: "bold red",
}


def findings_table(findings: Sequence[Finding]) -> RenderableType:
    """One line a finding, and below them what to do."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("", "Check", "Observed", "Expected"):
        table.add_column(column, header_style="dim", justify="left")
    for finding in findings:
        table.add_row(
            Text(finding.level, style=_STYLES[finding.level]),
            finding.what,
            Text(finding.observed),
            Text(finding.expected),
        )
    advice = [Text(f"{finding.what}: {finding.remedy}.") for finding in findings if finding.remedy]
    return Group(table, *([Text(), Text("What to do", style="bold")] if advice else []), *advice)


def trial_text(number: int, trial: Trial) -> Text:
    """One line a trial, while the search goes on."""
    verdict = "trusted" if trial.trusted else f"not trusted ({trial.limit})"
    style = "green" if trial.trusted else "yellow"
    line = Text(f"{number:4}  {trial.rate_rps:>11,.0f} requests/s  ")
    return line.append(verdict, style=style)


def calibration_text(found: Calibration) -> Text:
    """The answer, and what would have to change for a better one."""
    if not found.trusted_rps:
        return Text(f"This box cannot be trusted at any rate. {found.reason}".rstrip())
    line = Text(f"Trustworthy up to {_rounded(found.trusted_rps):,} requests/s on this box.")
    match found.limit:
        case Limit.GENERATOR:
            line.append(f" Above: {found.reason}".rstrip(": "))
        case Limit.TARGET:
            line.append(
                " Above, the built-in target was the limit: "
                "with a server on another box it may be more."
            )
        case Limit.CEILING:
            line.append(" No limit was found.")
    return line


def _rounded(rate_rps: float) -> int:
    """Two digits, downwards: the trials are no more certain than that."""
    digit = 10 ** max(0, math.floor(math.log10(rate_rps)) - 1)
    return int(rate_rps // digit * digit)
