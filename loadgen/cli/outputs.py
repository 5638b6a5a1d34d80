"""The files that a run leaves: each found writable before it, and written after it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from loadgen.cli.destination import Destination
from loadgen.cli.result_files import Output, collisions, find_files, write_files
from loadgen.cli.sample_file import SampleFile
from loadgen.errors import ConfigError
from loadgen.publish.deployment_report import find_deployment_report
from loadgen.report import csv_samples, csv_timeline, hlog, html, junit, markdown
from loadgen.result import dumps

if TYPE_CHECKING:
    from loadgen.config.settings import Settings
    from loadgen.measurement import Measurement

__all__ = ["find_outputs", "find_sample_file", "write_outputs"]


def find_outputs(settings: Settings) -> tuple[Output[Measurement], ...]:
    """Finds out whether everything that is asked for can be written.

    Raises:
        ConfigError: what cannot, and files that are named for two things, all at once.
    """
    outputs, problems = find_files(
        (
            ("--output", settings.report_file, markdown.render),
            ("--json", settings.result_file, dumps),
            ("--html", settings.html_file, html.render),
            ("--csv", settings.csv_file, csv_timeline.render),
            ("--hlog", settings.hlog_file, hlog.render),
            ("--samples", settings.samples_file, lambda _: csv_samples.header()),
            ("--junit", settings.junit_file, junit.render),
        ),
        settings.config_name,
    )
    labels = tuple(one.label for one in settings.plan.requests)
    outputs = [
        dataclasses.replace(output, place=SampleFile(output.place, labels))
        if output.option == "--samples" and isinstance(output.place, Destination)
        else output
        for output in outputs
    ]
    problems.extend(_add_deployment_report(settings, outputs))
    if problems:
        raise ConfigError(*problems)
    return tuple(outputs)


def _add_deployment_report(settings: Settings, outputs: list[Output[Measurement]]) -> list[str]:
    """Adds the file that is appended to, when there is one; what is wrong with it."""
    option = "--deployment-report"
    try:
        place = find_deployment_report(settings.deployment_report)
    except ConfigError as error:
        return list(error.problems)
    if place is None:
        return []
    problems = collisions(option, place, outputs, settings.config_name)
    outputs.append(Output(option=option, place=place, render=markdown.section))
    return problems


def find_sample_file(outputs: Sequence[Output[Measurement]]) -> SampleFile | None:
    """The output that takes samples while the run goes on; None: they are not kept."""
    places = (output.place for output in outputs)
    return next((place for place in places if isinstance(place, SampleFile)), None)


def write_outputs(outputs: Sequence[Output[Measurement]], measurement: Measurement) -> bool:
    """Writes every file; when one cannot be written, the result goes to standard error, whole.

    Returns:
        True when everything was written.
    """
    return write_files(outputs, measurement, dumps)
