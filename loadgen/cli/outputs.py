"""The files that a run leaves: each found writable before it, and written after it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from loadgen.cli.destination import Destination, find_destination
from loadgen.cli.sample_file import SampleFile
from loadgen.errors import ConfigError
from loadgen.publish.deployment_report import DeploymentReport, find_deployment_report
from loadgen.report import csv_samples, csv_timeline, hlog, html, junit, markdown
from loadgen.result import dumps

if TYPE_CHECKING:
    from loadgen.config.settings import Settings
    from loadgen.measurement import Measurement

__all__ = ["Output", "find_outputs", "find_sample_file", "write_outputs"]

_Place = Destination | DeploymentReport | SampleFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One file.

    Attributes:
        option: what named it.
        place: where it goes; the deployment report is appended to, raw samples are there already.
        render: its text; ends with a line break.
    """

    option: str
    place: _Place
    render: Callable[[Measurement], str]


def find_outputs(settings: Settings) -> tuple[Output, ...]:
    """Finds out whether everything that is asked for can be written.

    Raises:
        ConfigError: what cannot, and files that are named for two things, all at once.
    """
    problems: list[str] = []
    outputs: list[Output] = []
    for option, name, render in (
        ("--output", settings.report_file, markdown.render),
        ("--json", settings.result_file, dumps),
        ("--html", settings.html_file, html.render),
        ("--csv", settings.csv_file, csv_timeline.render),
        ("--hlog", settings.hlog_file, hlog.render),
        ("--samples", settings.samples_file, lambda _: csv_samples.header()),
        ("--junit", settings.junit_file, junit.render),
    ):
        if name is None:
            continue
        try:
            place: _Place = find_destination(name, option)
        except ConfigError as error:
            problems.extend(error.problems)
            continue
        problems.extend(_collisions(option, place, outputs, settings.config_name))
        if option == "--samples" and isinstance(place, Destination):
            place = SampleFile(place, tuple(one.label for one in settings.plan.requests))
        outputs.append(Output(option=option, place=place, render=render))
    problems.extend(_add_deployment_report(settings, outputs))
    if problems:
        raise ConfigError(*problems)
    return tuple(outputs)


def _add_deployment_report(settings: Settings, outputs: list[Output]) -> list[str]:
    """Adds the file that is appended to, when there is one; what is wrong with it."""
    option = "--deployment-report"
    try:
        place = find_deployment_report(settings.deployment_report)
    except ConfigError as error:
        return list(error.problems)
    if place is None:
        return []
    problems = _collisions(option, place, outputs, settings.config_name)
    outputs.append(Output(option=option, place=place, render=markdown.section))
    return problems


def _collisions(
    option: str, place: _Place, others: Sequence[Output], config_name: str
) -> list[str]:
    """Files that this one would overwrite."""
    found = [
        f"{option}: found {place.name!r} as for {other.option}, expected another file"
        for other in others
        if other.place.path == place.path
    ]
    if config_name and str(place.path) == os.path.realpath(config_name):
        found.append(f"{option}: found the config file {place.name}, expected another file")
    return found


def find_sample_file(outputs: Sequence[Output]) -> SampleFile | None:
    """The output that takes samples while the run goes on; None: they are not kept."""
    places = (output.place for output in outputs)
    return next((place for place in places if isinstance(place, SampleFile)), None)


def write_outputs(outputs: Sequence[Output], measurement: Measurement) -> bool:
    """Writes every file; when one cannot be written, the result goes to standard error, whole.

    Returns:
        True when everything was written.
    """
    failed = False
    for output in outputs:
        try:
            output.place.write(output.render(measurement))
        except OSError as error:
            failed = True
            typer.echo(
                f"loadgen: {output.place.name}: cannot be written ({error.strerror}); "
                "the result follows",
                err=True,
            )
    if failed:
        typer.echo(dumps(measurement), err=True)
    return not failed
