"""`loadgen doctor`: whether this box is fit to measure, and up to which rate."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from loadgen.errors import ConfigError
from loadgen.exitcode import ExitCode
from loadgen.plan import MAX_USERS
from loadgen.units import UnitError, parse_count

__all__ = ["doctor"]


def doctor(
    *,
    concurrency: Annotated[
        str,
        typer.Option("--concurrency", "-c", help="Connections that a run will have.", metavar="N"),
    ] = "100",
    calibrate: Annotated[
        bool, typer.Option(help="Measure up to which rate this box can be trusted.")
    ] = True,
) -> None:
    """Check this box before a run, and find out up to which rate it can be trusted.

    Looks at the limits of open files and ports, the CPU's quota, governor, clock and
    interruptions, and says what to change. Then it loads the built-in target at rising rates
    for about half a minute, until the generator's own lag would show in the numbers.

    Exit code 3 when the box cannot be trusted, else 0.
    """
    try:
        connections = parse_count(concurrency, low=1, high=MAX_USERS)
    except UnitError as error:
        raise ConfigError(f"--concurrency: {error}") from None
    from loadgen.cli.consultation import consult  # noqa: PLC0415 - numpy is slow to load
    from loadgen.doctor import read_box  # noqa: PLC0415
    from loadgen.doctor.probe import probing  # noqa: PLC0415

    trusted = consult(
        read_box(),
        connections,
        probing=probing if calibrate else None,
        console=Console(highlight=False),
    )
    raise typer.Exit(ExitCode.PASS if trusted else ExitCode.INCONCLUSIVE)
