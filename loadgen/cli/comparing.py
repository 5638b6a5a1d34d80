"""From the names of runs to their comparison, and from there to the terminal and to files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from loadgen.aftermath import beside
from loadgen.errors import ConfigError
from loadgen.history import History
from loadgen.report import comparison
from slo.compare import Margin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from loadgen.cli.destination import Destination
    from loadgen.measurement import Measurement

__all__ = ["compare_runs", "show"]

_RENDERERS = {"--output": comparison.markdown, "--json": comparison.dumps}


def compare_runs(names: Sequence[str], margin_percent: float) -> list[Measurement]:
    """The runs but the first, each with its comparison to the first.

    Args:
        names: what people call the runs, see `History.find`; two or more.
        margin_percent: what is still the same.

    Raises:
        ConfigError: every run that is not there or cannot be read.
    """
    history, problems = History(), list[str]()
    found: list[Measurement] = []
    for name in names:
        try:
            measurement = history.find(name)
        except ConfigError as error:
            problems += error.problems
            continue
        if measurement is None:
            problems.append(f"run {name!r}: found no run in {history.folder} yet, expected one")
        else:
            found.append(measurement)
    if problems:
        raise ConfigError(*problems)
    baseline, *runs = found
    margin = Margin(ratio=margin_percent / 100)
    return [beside(run, baseline, margin) for run in runs]


def show(runs: Sequence[Measurement], places: Mapping[str, Destination]) -> None:
    """Shows comparisons, and writes them.

    Args:
        runs: from `compare_runs`.
        places: by "--output" and "--json".

    Raises:
        ConfigError: a file cannot be written.
    """
    if not any(place.is_stdout for place in places.values()):
        Console(highlight=False).print(comparison.terminal(runs))
    for option, place in places.items():
        try:
            place.write(_RENDERERS[option](runs))
        except OSError as error:
            raise ConfigError(
                f"{option}: {place.name}: cannot be written ({error.strerror})"
            ) from None
