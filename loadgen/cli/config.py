"""`loadgen config`: find mistakes in a config file, and tell editors what may stand in it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from loadgen.config.editor_schema import json_schema
from loadgen.config.file import DEFAULT_NAME, ConfigFile, read_config
from loadgen.config.layers import Layer
from loadgen.config.load_test_section import LoadTest
from loadgen.config.settings import combine
from loadgen.errors import ConfigError

__all__ = ["app"]

app = typer.Typer(help="Check a config file, or print its JSON Schema.", no_args_is_help=False)


@app.command("check")
def _check(
    file: Annotated[Path, typer.Argument(help="The file.", show_default=True)] = Path(DEFAULT_NAME),
) -> None:
    """Find every mistake in a config file, each with its line and column.

    Every environment of the file is checked, too, and every ${VARIABLE} in it must be set.
    Exit code 2 when there is a mistake.
    """
    found = read_config(file, os.environ)
    environments = list(found.config.environments or {})
    problems = [text for name in [None, *environments] for text in _contradictions(found, name)]
    if problems:
        raise ConfigError(*dict.fromkeys(problems))
    names = ", ".join(environments) or "none"
    typer.echo(f"{found.name}: no mistakes; environments: {names}")


@app.command("schema")
def _schema() -> None:
    """Print the JSON Schema of loadgen.yml, for editors and other programs."""
    typer.echo(json.dumps(json_schema(), indent=2))


def _contradictions(file: ConfigFile, environment: str | None) -> tuple[str, ...]:
    nobody = Layer(values=LoadTest(), place=str)
    try:
        combine(file, nobody, {}, environment=environment)
    except ConfigError as error:
        return error.problems
    return ()
