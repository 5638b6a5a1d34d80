"""The `loadgen` command: its commands in one table, and how errors become lines and codes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Annotated

import typer

from loadgen.cli import canary, compare, config, doctor, report, rollout, run, shadow, smoke, target
from loadgen.cli.destination import discard_output
from loadgen.cli.lasting import telling_reader_gone
from loadgen.cli.paragraphs import flowing
from loadgen.config.suggestion import did_you_mean
from loadgen.errors import ConfigError, LoadgenError
from loadgen.exitcode import ExitCode

__all__ = ["main"]

INTERRUPTED = 130
"""What shells report for a program that Ctrl-C ended: 128 + SIGINT."""
READER_GONE = 141
"""The same for one that wrote to a closed pipe: 128 + SIGPIPE."""

_app = typer.Typer(
    help="An HTTP load generator that measures truthfully, and acts on what it measured.",
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
_app.command("run", help=flowing(run.run.__doc__), epilog=flowing(run.EXAMPLES))(run.run)
_app.command("smoke", help=flowing(smoke.smoke.__doc__))(smoke.smoke)
_app.command("canary", help=flowing(canary.canary.__doc__), epilog=flowing(canary.EXAMPLES))(
    canary.canary
)
_app.command("shadow", help=flowing(shadow.shadow.__doc__), epilog=flowing(shadow.EXAMPLES))(
    shadow.shadow
)
_app.command("report", help=flowing(report.report.__doc__))(report.report)
_app.command("compare", help=flowing(compare.compare.__doc__), epilog=flowing(compare.EXAMPLES))(
    compare.compare
)
_app.command("target", help=flowing(target.target.__doc__), epilog=flowing(target.EXAMPLES))(
    target.target
)
_app.command("doctor", help=flowing(doctor.doctor.__doc__))(doctor.doctor)
_app.add_typer(rollout.app, name="rollout")
_app.add_typer(config.app, name="config")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
        arguments: without the program's name; None takes the process's own.

    Returns:
        The exit code, see `loadgen.exitcode`.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        with telling_reader_gone():
            code = _app(given or ["--help"], prog_name="loadgen", standalone_mode=False)
            sys.stdout.flush()
    except typer.TyperException as error:
        return _complain([_usage(error)], ExitCode.USAGE)
    except ConfigError as error:
        return _complain(error.problems, ExitCode.USAGE)
    except LoadgenError as error:
        return _complain(str(error).splitlines(), ExitCode.NOT_DONE)
    except (KeyboardInterrupt, typer.Abort):
        return _complain(["interrupted"], INTERRUPTED)
    except (BrokenPipeError, SystemExit) as error:
        # typer turns a closed pipe into exit code 1, which here says that an SLO is violated.
        if isinstance(error, SystemExit) and not isinstance(error.__context__, BrokenPipeError):
            raise
        discard_output(sys.stdout)
        return READER_GONE
    return code if isinstance(code, int) else ExitCode.PASS


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"loadgen {_version()}")
        raise typer.Exit


@_app.callback()
def _program(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """What stands before the command's name."""


def _version() -> str:
    try:
        return metadata.version("loadgen")
    except metadata.PackageNotFoundError:
        return "from a source tree that is not installed"


def _complain(problems: Sequence[str], code: int) -> int:
    for problem in problems:
        typer.echo(f"loadgen: {problem}", err=True)
    return code


def _usage(error: typer.TyperException) -> str:
    """A usage error as one line, with what was probably meant and where to read on."""
    text = error.message.rstrip(".") or error.format_message()
    if possible := getattr(error, "possibilities", None):
        text += did_you_mean(getattr(error, "option_name", ""), possible)
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "loadgen"
    return f"{text} (see {command} --help)"
