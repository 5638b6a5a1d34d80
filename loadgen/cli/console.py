"""The console that commands write to: it goes on in silence when its reader has gone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import IO, TypeVar, cast

import typer
from rich.console import Console

from loadgen.cli.destination import discard_output
from loadgen.cli.lasting import LastingStream

__all__ = ["lasting", "open_console", "print_line", "warn"]

T = TypeVar("T")


class _LastingConsole(Console):
    """A console whose reader may go (`loadgen run | head -1`) without ending the run."""

    def on_broken_pipe(self) -> None:
        """Goes on in silence; rich would end the program with the code of a violated SLO."""
        self.quiet = True
        discard_output(self.file)


def open_console(*, quiet: bool = False, on_stderr: bool = False) -> Console:
    """The console of this process.

    Args:
        quiet: nothing is shown.
        on_stderr: standard output is taken by a result.
    """
    stream = cast("IO[str]", LastingStream(sys.stderr if on_stderr else sys.stdout))
    return _LastingConsole(file=stream, quiet=quiet, highlight=False)


def lasting(update: Callable[[T], None], console: Console) -> Callable[[T], None]:
    """Lets a display that writes by itself go on in silence, too.

    Args:
        update: writes.
        console: whose stream it writes to.
    """

    def guarded(value: T) -> None:
        try:
            update(value)
        except BrokenPipeError:
            console.on_broken_pipe()

    return guarded


def print_line(console: Console, text: str) -> None:
    """Prints a text as it is: what looks like markup is none, and a long line stays one."""
    console.print(text, markup=False, soft_wrap=True)


def warn(text: str) -> None:
    """Tells of what went wrong beside the thing that was asked for, on standard error."""
    typer.echo(f"loadgen: warning: {text}", err=True)
