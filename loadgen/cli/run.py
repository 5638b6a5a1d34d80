"""`loadgen run`: a load test, from the options to the exit code."""

from __future__ import annotations

import os

import typer

from loadgen.cli.options import RunOptions, takes_run_options

__all__ = ["EXAMPLES", "run"]

EXAMPLES = """\
[bold]One example per pattern[/bold]

sustained: [cyan]loadgen run http://localhost:8000 -c 100 -d 5m[/cyan]

burst: [cyan]loadgen run -p burst -c 500 -d 3m --burst-size 20 --pause 1s..3s[/cyan]

ramp-up: [cyan]loadgen run -p ramp-up -c 1000 -d 10m --ramp 1m[/cyan]

rate: [cyan]loadgen run --rate 5k --arrivals poisson --connections 200 -d 1m[/cyan]

stages: [cyan]loadgen run --stages 0:100,30s:1000,2m:1000 --stages-of users[/cyan]

[bold]A verdict[/bold]

[cyan]loadgen run --objective 'p99 of /api/orders < 250ms' --objective 'error_rate < 1%'[/cyan]

[bold]Values[/bold]

Times are seconds, or have a unit: 300, 300s, 5m, 1h30m, 10ms. A random time is a range:
10ms..100ms. Counts and rates take k and M: 10k. The levels of stages are reached in straight
lines.

Every value may stand in loadgen.yml, too; the command line wins. [cyan]loadgen config
schema[/cyan] says how, [cyan]loadgen config check[/cyan] finds mistakes.

[bold]Exit codes[/bold]

0: done, and all objectives hold. 1: an objective is violated. 2: an option or the configuration
is wrong. 3: no evidence either way; too little data, or the generator was saturated. 4: the run
could not be done; no request succeeded, or a worker died. 5: a rollback was ordered and did not
succeed.
"""


@takes_run_options
def run(options: RunOptions) -> None:
    """Load-test an HTTP server: closed loop with virtual users, or open loop at a rate.

    Shows the run while it goes on, then the response times, the errors, and whether the
    numbers can be trusted. Ctrl-C ends the run early and still reports; twice stops at once.
    """
    from loadgen.cli.session import carry_out, gather  # noqa: PLC0415 - numpy is slow to load

    raise typer.Exit(carry_out(gather(options, os.environ)))
