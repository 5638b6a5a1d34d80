"""Tells GitHub Actions of a run by the files that its environment names, and by annotations.

What it is told stands in `loadgen.report.github`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from loadgen.publish.appended import append
from loadgen.report.github import assignments, commands, outputs, summary

if TYPE_CHECKING:
    from loadgen.measurement import Measurement

__all__ = ["GithubOptions", "find_github", "tell_github"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GithubOptions:
    """What GitHub Actions is told; nothing by default.

    Attributes:
        summary_file: of $GITHUB_STEP_SUMMARY; "" without one.
        annotate: this is a step of a workflow, and what it prints is read.
        output_file: of $GITHUB_OUTPUT, when outputs are wanted; "" without them.
    """

    summary_file: str = ""
    annotate: bool = False
    output_file: str = ""


def find_github(environ: Mapping[str, str], *, with_outputs: bool) -> tuple[GithubOptions, str]:
    """What the environment asks for, and what is wrong with it; "" when nothing is.

    Args:
        environ: of the process.
        with_outputs: --github-output was given.
    """
    output_file = environ.get("GITHUB_OUTPUT", "") if with_outputs else ""
    options = GithubOptions(
        summary_file=environ.get("GITHUB_STEP_SUMMARY", ""),
        annotate=environ.get("GITHUB_ACTIONS") == "true",
        output_file=output_file,
    )
    if with_outputs and not output_file:
        return options, (
            "--github-output: found no $GITHUB_OUTPUT, expected to be a step of a GitHub workflow"
        )
    return options, ""


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
        options: from `find_github`.
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
