"""`loadgen smoke`: a run that is small enough for CI, and needs nothing of its machine."""

from __future__ import annotations

import os

import typer

from loadgen.cli.options import RunOptions, takes_run_options

__all__ = ["SMOKE", "smoke"]

SMOKE = {
    "pattern": "sustained",
    "concurrency": "10",
    "duration": "30s",
    "pin": "false",
    "precision": "cpu",
}
"""Above the config file, since that describes a real load test; below the options."""


@takes_run_options
def smoke(options: RunOptions) -> None:
    """Run a short load test for CI: 10 users, 30 seconds, plain output, any small machine.

    Like `loadgen run` with --concurrency 10 --duration 30s --precision cpu --no-pin, which
    also win over the config file; every option of run is there and wins over them. The
    same report, result and exit codes.
    """
    from loadgen.cli.session import carry_out, gather  # noqa: PLC0415 - numpy is slow to load

    raise typer.Exit(carry_out(gather(options, os.environ, command=SMOKE), plain=True))
