"""The runs before and after this one: the baseline that is compared with, the run that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from loadgen.errors import ConfigError
from loadgen.history import History
from loadgen.report import markdown
from loadgen.result import dumps
from loadgen.rollback import missing_program

if TYPE_CHECKING:
    from loadgen.measurement import Measurement
    from loadgen.plan import Plan
    from loadgen.rollback import RollbackOptions

__all__ = ["find_baseline", "keep", "require_program"]


def find_baseline(name: str, plan: Plan) -> Measurement | None:
    """The run that is compared with; None when none was asked for, or there is none yet.

    Raises:
        ConfigError: it was named and is not there, or cannot be read.
    """
    if not name:
        return None
    try:
        return History().find(name, like=plan.digest)
    except ConfigError as error:
        raise ConfigError(*(f"--baseline: {problem}" for problem in error.problems)) from None


def keep(measurement: Measurement, most: int) -> None:
    """Keeps a run; one that cannot be kept is a warning, since it was measured all the same."""
    files = {"result.json": dumps(measurement), "report.md": markdown.render(measurement)}
    try:
        History().keep(measurement, files, most=most)
    except OSError as error:
        typer.echo(
            f"loadgen: warning: the run is not kept in {History().folder} ({error.strerror}); "
            "--no-history keeps none",
            err=True,
        )


def require_program(rollback: RollbackOptions | None) -> None:
    """Finds out before the run whether its rollback could be done.

    Raises:
        ConfigError: the program is not there.
    """
    if rollback and rollback.auto and (problem := missing_program(rollback.command)):
        raise ConfigError(f"rollback command: {problem}")
