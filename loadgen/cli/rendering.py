"""A result that was kept, shown and written as it was after it had been measured."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markdown import Markdown

from loadgen.cli.destination import find_destination
from loadgen.cli.kept_results import MARKDOWN, read_kept
from loadgen.errors import ConfigError
from loadgen.history import History
from loadgen.report import html, junit, markdown, terminal
from loadgen.result import dumps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from loadgen.cli.kept_results import Renderers
    from loadgen.measurement import Measurement

__all__ = ["render_again"]

_RENDERERS: Mapping[str, Callable[[Measurement], str]] = {
    "--markdown": markdown.render,
    "--json": dumps,
    "--html": html.render,
    "--junit": junit.render,
}
_BROKEN = (KeyError, TypeError, ValueError, AttributeError)
"""What a result file of somebody else's makes of a renderer."""


def render_again(name: str, files: Mapping[str, str | None]) -> None:
    """Renders a run, or the result of a verification, a shadow test or a rollout.

    Args:
        name: what people call the run, see `History.find`; or the path of a result file.
        files: names of files by "--markdown", "--json", "--html" and "--junit"; without any the
            run is shown on the terminal.

    Raises:
        ConfigError: there is no such run, or a file cannot be written.
    """
    kept = read_kept(Path(name))
    if kept is not None:
        _render_kept(name, kept, files)
        return
    history = History()
    measurement = history.find(name)
    if measurement is None:
        raise ConfigError(f"run {name!r}: found no run in {history.folder} yet, expected one")
    renderers = {
        option: functools.partial(render, measurement) for option, render in _RENDERERS.items()
    }
    if not _written(renderers, files):
        Console(highlight=False).print(terminal.render(measurement))


def _render_kept(name: str, kept: Renderers, files: Mapping[str, str | None]) -> None:
    """Renders a result file; on the terminal it is its Markdown."""
    wanting = [option for option, file in files.items() if file and option not in kept]
    if wanting:
        raise ConfigError(
            f"{wanting[0]}: found {name}, which cannot be written so; expected {', '.join(kept)}"
        )
    if _written(kept, files):
        return
    try:
        Console(highlight=False).print(Markdown(kept[MARKDOWN]()))
    except _BROKEN as error:
        raise _not_as_promised(name, error) from None


def _written(renderers: Renderers, files: Mapping[str, str | None]) -> bool:
    """Writes every file that was asked for; False when none was."""
    places = [(option, find_destination(file, option)) for option, file in files.items() if file]
    for option, place in places:
        try:
            place.write(renderers[option]())
        except OSError as error:
            raise ConfigError(
                f"{option}: {place.name}: cannot be written ({error.strerror})"
            ) from None
        except _BROKEN as error:
            raise _not_as_promised(option, error) from None
    return bool(places)


def _not_as_promised(where: str, error: Exception) -> ConfigError:
    return ConfigError(
        f"{where}: found a result that does not keep to its schema ({type(error).__name__}: "
        f"{error}); expected one as loadgen wrote it"
    )
