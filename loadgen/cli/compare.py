"""`loadgen compare`: runs beside an earlier one, value by value."""

from __future__ import annotations

from typing import Annotated

import typer

from loadgen.cli.destination import find_destination
from loadgen.config.gate_section import MARGIN_PERCENT, parse_margin
from loadgen.errors import ConfigError

__all__ = ["EXAMPLES", "compare"]

EXAMPLES = """\
[bold]Runs[/bold]

A run is the id that a report names (or its beginning), a folder of .loadgen/runs or a file in it,
last, or best: [cyan]loadgen compare best last[/cyan]
"""


def compare(
    runs: Annotated[
        list[str], typer.Argument(metavar="BASELINE RUN...", help="The baseline first.")
    ],
    margin: Annotated[
        str, typer.Option(metavar="PERCENT", help="By how much a percentile may change.")
    ] = f"{MARGIN_PERCENT:g}%",
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write Markdown here; - for stdout."),
    ] = None,
    json: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write JSON here; - for stdout.")
    ] = None,
) -> None:
    """Compare runs with an earlier one: what became better or worse, and what cannot be told.

    A change counts when its whole confidence interval lies beyond the margin. Exit code 0
    whatever is found.
    """
    from loadgen.cli.comparing import compare_runs, show  # noqa: PLC0415 - numpy is slow to load

    if len(runs) < 2:
        raise ConfigError("compare: found one run, expected a baseline and one run or more")
    places = {
        option: find_destination(name, option)
        for option, name in (("--output", output), ("--json", json))
        if name is not None
    }
    try:
        percent = parse_margin(margin)
    except ValueError as error:
        raise ConfigError(f"--margin: {error}") from None
    show(compare_runs(runs, percent), places)
