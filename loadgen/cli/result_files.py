"""The files that a command leaves: each found writable before anything, and written at its end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import typer

from loadgen.cli.destination import find_destination
from loadgen.errors import ConfigError

__all__ = [
    "Output",
    "Place",
    "collisions",
    "file_names",
    "find_files",
    "report_name",
    "to_stdout",
    "write_files",
]

T = TypeVar("T")


class Place(Protocol):
    """Where a file goes."""

    @property
    def name(self) -> str:
        """As the user wrote it."""

    @property
    def path(self) -> Path:
        """What is really written."""

    @property
    def is_stdout(self) -> bool:
        """True when the content goes to standard output."""

    def write(self, text: str) -> None:
        """Writes the content; OSError when that cannot be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output(Generic[T]):
    """One file.

    Attributes:
        option: what named it.
        place: where it goes.
        render: its text; ends with a line break.
    """

    option: str
    place: Place
    render: Callable[[T], str]


def find_files(
    wanted: Iterable[tuple[str, str | None, Callable[[T], str]]], config_name: str
) -> tuple[list[Output[T]], list[str]]:
    """Finds out whether files can be written.

    Args:
        wanted: option, name of the file (None: not asked for, "-": standard output), its text.
        config_name: of the config file, which is not to be written over; "" without one.

    Returns:
        The files, and what is wrong with others.
    """
    outputs: list[Output[T]] = []
    problems: list[str] = []
    for option, name, render in wanted:
        if name is None:
            continue
        try:
            place = find_destination(name, option)
        except ConfigError as error:
            problems.extend(error.problems)
            continue
        problems.extend(collisions(option, place, outputs, config_name))
        outputs.append(Output(option=option, place=place, render=render))
    return outputs, problems


def collisions(
    option: str, place: Place, others: Sequence[Output[T]], config_name: str
) -> list[str]:
    """Files that one more would overwrite, a sentence each.

    Args:
        option: what names it.
        place: where it goes.
        others: that are there already.
        config_name: of the config file; "" without one.
    """
    found = [
        f"{option}: found {place.name!r} as for {other.option}, expected another file"
        for other in others
        if other.place.path == place.path
    ]
    if config_name and str(place.path) == os.path.realpath(config_name):
        found.append(f"{option}: found the config file {place.name}, expected another file")
    return found


def to_stdout(outputs: Iterable[Output[T]]) -> bool:
    """True when a file goes to standard output, so that nothing else may."""
    return any(output.place.is_stdout for output in outputs)


def file_names(outputs: Iterable[Output[T]]) -> dict[str, str]:
    """What the files are called, by the option that named each; standard output is none."""
    return {each.option: each.place.name for each in outputs if not each.place.is_stdout}


def report_name(outputs: Iterable[Output[T]]) -> str:
    """The report that people are sent to, HTML rather than Markdown; "" without one."""
    names = file_names(outputs)
    return names.get("--html") or names.get("--output", "")


def write_files(outputs: Sequence[Output[T]], value: T, whole: Callable[[T], str]) -> bool:
    """Writes every file; when one cannot be written, the result goes to standard error.

    Args:
        outputs: from `find_files`.
        value: what is told.
        whole: its result file, so that nothing is lost.

    Returns:
        True when everything was written.
    """
    failed = False
    for output in outputs:
        try:
            output.place.write(output.render(value))
        except OSError as error:
            failed = True
            typer.echo(
                f"loadgen: {output.place.name}: cannot be written ({error.strerror}); "
                "the result follows",
                err=True,
            )
    if failed:
        typer.echo(whole(value), err=True)
    return not failed
