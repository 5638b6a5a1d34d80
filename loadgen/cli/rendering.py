"""A run that was kept, shown and written as it was after it had been measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from loadgen.cli.destination import find_destination
from loadgen.errors import ConfigError
from loadgen.history import History
from loadgen.report import html, junit, markdown, terminal
from loadgen.result import dumps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from loadgen.measurement import Measurement

__all__ = ["render_again"]

_RENDERERS: Mapping[str, Callable[[Measurement], str]] = {
    "--markdown": markdown.render,
    "--json": dumps,
    "--html": html.render,
    "--junit": junit.render,
}


def render_again(name: str, files: Mapping[str, str | None]) -> None:
    """Renders a run.

    Args:
        name: what people call the run, see `History.find`.
        files: names of files by "--markdown", "--json", "--html" and "--junit"; without any the
            run is shown on the terminal.

    Raises:
        ConfigError: there is no such run, or a file cannot be written.
    """
    history = History()
    measurement = history.find(name)
    if measurement is None:
        raise ConfigError(f"run {name!r}: found no run in {history.folder} yet, expected one")
    places = [(option, find_destination(file, option)) for option, file in files.items() if file]
    if not places:
        Console(highlight=False).print(terminal.render(measurement))
    for option, place in places:
        try:
            place.write(_RENDERERS[option](measurement))
        except OSError as error:
            raise ConfigError(
                f"{option}: {place.name}: cannot be written ({error.strerror})"
            ) from None
