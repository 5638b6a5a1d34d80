"""`loadgen rollout`: a deployment rolled out in stages, and the orders for one that goes on."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable
from typing import Any

import typer

from loadgen.cli import kubernetes
from loadgen.cli.options import takes_options
from loadgen.cli.paragraphs import flowing
from loadgen.cli.rollout_options import (
    HistoryOptions,
    LookOptions,
    OrderOptions,
    PromoteOptions,
    StartOptions,
)

__all__ = ["EXAMPLES", "app"]

EXAMPLES = """\
[bold]Examples[/bold]

[cyan]loadgen rollout --deployment backend-v2[/cyan] (router and URLs in loadgen.yml)

[cyan]loadgen rollout --deployment backend-v2 --namespace production --load-test
--auto-rollback-on-loadfail[/cyan]

[cyan]loadgen rollout --deployment backend-v2 --router '{kind: haproxy, socket:
/run/haproxy/admin.sock, backend: app}' --stages '[{"percentage": 1, "duration": 180},
{"percentage": 100, "duration": 300}]' --dry-run[/cyan]

[cyan]loadgen rollout status[/cyan], pause, resume, promote, abort, rollback, history: from any
terminal, while it goes on or when its process has died.

[bold]Exit codes[/bold]

0: promoted. 1: rolled back. 2: an option or the configuration is wrong. 3: paused; resume goes
on. 4: it could not be done. 5: a rollback did not succeed, a person is needed.
"""


def _start(options: StartOptions) -> None:
    """Roll a deployment out in stages, each proven, held and judged, with a way back.

    Each stage sets the canary's weight, measures that traffic follows it, and holds it while it
    is judged. What fails is taken back, and that is measured, too. All of it stands in a journal:
    another process can go on where this one dies.
    """
    from loadgen.cli.rolling import begin  # noqa: PLC0415 - numpy is slow to load

    raise typer.Exit(begin(options, os.environ))


def _beside_subcommands(command: Callable[..., None]) -> Callable[..., None]:
    """Lets a command be what its group does when no subcommand is named."""

    @functools.wraps(command)
    def call(context: typer.Context, **values: Any) -> None:  # noqa: ANN401 - typer checks them
        if context.invoked_subcommand is None:
            command(**values)

    signature = inspect.signature(command)
    context = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    parameters = [context, *signature.parameters.values()]
    call.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]  # read by inspect
    return call


start = takes_options(StartOptions)(_start)
app = typer.Typer(help=flowing(_start.__doc__), epilog=flowing(EXAMPLES), rich_markup_mode="rich")
app.callback(invoke_without_command=True, help=flowing(_start.__doc__), epilog=flowing(EXAMPLES))(
    _beside_subcommands(start)
)
app.command("rbac", help=flowing(kubernetes.rbac.__doc__))(kubernetes.rbac)
app.command("undo", help=flowing(kubernetes.undo.__doc__))(kubernetes.undo)
app.command("start", help=flowing(_start.__doc__))(start)


@app.command("status")
@takes_options(LookOptions)
def _status(options: LookOptions) -> None:
    """Show where the newest rollout of a deployment stands."""
    from loadgen.cli.rollout_session import find_owner, find_record  # noqa: PLC0415
    from rollout.report.rollout_status import status_lines  # noqa: PLC0415

    owner = find_owner(options, os.environ)
    for line in status_lines(find_record(options, os.environ), owner):
        typer.echo(line)


@app.command("history")
@takes_options(HistoryOptions)
def _history(options: HistoryOptions) -> None:
    """List all rollouts of a deployment, newest last; with ID every event of one."""
    from loadgen.cli.rollout_session import find_journal  # noqa: PLC0415
    from rollout.progressive.history import read_record, read_rollouts  # noqa: PLC0415
    from rollout.report.rollout_status import history_lines, overview_line  # noqa: PLC0415

    journal = find_journal(options, os.environ)
    if options.rollout:
        lines = list(history_lines(read_record(journal, options.rollout)))
    else:
        known = read_rollouts(journal)
        lines = [overview_line(read_record(journal, each.id)) for each in known]
    for line in lines:
        typer.echo(line)


@app.command("pause")
@takes_options(OrderOptions)
def _pause(options: OrderOptions) -> None:
    """Keep the weight as it is until somebody resumes, promotes or aborts."""
    _order(options, "PAUSE")


@app.command("resume")
@takes_options(OrderOptions)
def _resume(options: OrderOptions) -> None:
    """Go on with a rollout that is paused, or whose process has died."""
    _order(options, "")


@app.command("abort")
@takes_options(OrderOptions)
def _abort(options: OrderOptions) -> None:
    """Take all traffic back to the stable version, and end the rollout."""
    _order(options, "TAKE_BACK")


@app.command("rollback")
@takes_options(OrderOptions)
def _rollback(options: OrderOptions) -> None:
    """Take all traffic back, also after the rollout has ended, as often as it takes."""
    _order(options, "TAKE_BACK")


@app.command("promote")
@takes_options(PromoteOptions)
def _promote(options: PromoteOptions) -> None:
    """Go on to the next stage now, without waiting for the end of this one."""
    _order(options, "PROMOTE_FULL" if options.full else "PROMOTE")


def _order(options: OrderOptions, name: str) -> None:
    """Gives an order by its name; "" goes on."""
    from loadgen.cli.rolling import give_order  # noqa: PLC0415 - numpy is slow to load
    from rollout.progressive.machine import Event  # noqa: PLC0415

    raise typer.Exit(give_order(options, Event[name] if name else None, os.environ))
