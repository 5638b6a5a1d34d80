"""Tells GitHub Actions of a run by the files that its environment names, and by annotations.

What it is told stands in `loadgen.report.github`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from loadgen.publish.appended import append
from loadgen.report.github import assignments, commands, outputs, summary

if TYPE_CHECKING:
    from loadgen.measurement import Measurement
    from loadgen.publish.options import GithubOptions

__all__ = ["tell_github"]


def tell_github(
    options: GithubOptions,
    measurement: Measurement,
    *,
    link: str,
    report: str,
    say: Callable[[str], None],
    warn: Callable[[str], None],
) -> None:
    """Writes the summary, the annotations and the outputs.

    Args:
        options: what is told.
        measurement: of the run.
        link: the run's own page; "" without one.
        report: path of the report that was written; "" without one.
        say: prints a line where the runner reads it.
        warn: called with a sentence for what could not be written.
    """
    if options.annotate:
        for command in commands(measurement):
            say(command)
    if options.summary_file:
        text = summary(measurement, link=link)
        _try(lambda: append(Path(options.summary_file), text), options.summary_file, warn)
    if options.output_file:
        values = assignments({**outputs(measurement), "report": report})
        _try(lambda: _add_lines(options.output_file, values), options.output_file, warn)


def _add_lines(name: str, lines: str) -> None:
    with Path(name).open("a", encoding="utf-8") as stream:
        stream.write(lines)


def _try(write: Callable[[], None], name: str, warn: Callable[[str], None]) -> None:
    try:
        write()
    except OSError as error:
        warn(f"GitHub is not told: {name} cannot be written ({error.strerror})")
