"""Tells GitHub Actions what was found by the files that its environment names, and by annotations.

What it is told of a run stands in `loadgen.report.github`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from loadgen.publish.appended import append
from loadgen.report import github
from loadgen.report.github import assignments

if TYPE_CHECKING:
    from loadgen.measurement import Measurement
    from loadgen.publish.options import GithubOptions

__all__ = ["tell_github", "tell_workflow"]


def tell_github(
    options: GithubOptions,
    measurement: Measurement,
    *,
    link: str,
    report: str,
    say: Callable[[str], None],
    warn: Callable[[str], None],
) -> None:
    """Writes the summary, the annotations and the outputs of a run.

    Args:
        options: what is told.
        measurement: of the run.
        link: the run's own page; "" without one.
        report: path of the report that was written; "" without one.
        say: prints a line where the runner reads it.
        warn: called with a sentence for what could not be written.
    """
    tell_workflow(
        options,
        commands=github.commands(measurement),
        summary=github.summary(measurement, link=link),
        values={**github.outputs(measurement), "report": report},
        say=say,
        warn=warn,
    )


def tell_workflow(
    options: GithubOptions,
    *,
    commands: Sequence[str],
    summary: str,
    values: Mapping[str, str],
    say: Callable[[str], None],
    warn: Callable[[str], None],
) -> None:
    """Tells GitHub of anything that was found.

    Args:
        options: what is told.
        commands: workflow commands, one a line.
        summary: for the page of the workflow run; Markdown with a final line break.
        values: the step's outputs by name.
        say: prints a line where the runner reads it.
        warn: called with a sentence for what could not be written.
    """
    if options.annotate:
        for command in commands:
            say(command)
    if options.summary_file:
        _try(lambda: append(Path(options.summary_file), summary), options.summary_file, warn)
    if options.output_file:
        lines = assignments(values)
        _try(lambda: _add_lines(options.output_file, lines), options.output_file, warn)


def _add_lines(name: str, lines: str) -> None:
    with Path(name).open("a", encoding="utf-8") as stream:
        stream.write(lines)


def _try(write: Callable[[], None], name: str, warn: Callable[[str], None]) -> None:
    try:
        write()
    except OSError as error:
        warn(f"GitHub is not told: {name} cannot be written ({error.strerror})")
