"""`loadgen shadow`: production's traffic answered by the canary as well, and compared."""

from __future__ import annotations

import os

import typer

from loadgen.cli.options import takes_options
from loadgen.cli.shadow_options import ShadowOptions

__all__ = ["EXAMPLES", "shadow"]

EXAMPLES = """\
[bold]Examples[/bold]

[cyan]loadgen shadow --replay access.log --speed 4 --production-url http://prod:8000
--canary-url http://canary:8000 --baseline-url http://baseline:8000[/cyan]

[cyan]loadgen shadow --listen :8080 --production-url http://prod:8000
--canary-url http://canary:8000 --sample 10% --duration 10m[/cyan]

[bold]Rules[/bold]

What may differ stands under shadow: in loadgen.yml: headers, places in JSON, regular
expressions, lists without an order, tolerances of numbers. Credentials, tokens, e-mails and card
numbers are never written down.

[bold]Verdicts and exit codes[/bold]

PASS 0: surely no more pairs differ than --max-mismatch. FAIL 1: surely more. INCONCLUSIVE 3: too
few pairs to tell. INVALID 3: production itself gave no answers. 2: an option or the configuration
is wrong. 4: it could not be done, such as with a canary that is down.
"""


@takes_options(ShadowOptions)
def shadow(options: ShadowOptions) -> None:
    """Send production's requests to the canary as well, and compare the answers.

    Requests come from a recording (--replay) or from live traffic (--listen). No user ever sees
    an answer of the canary, and nobody waits for one. With --baseline-url, a second instance of
    the production version, what differs anyway is told from what the canary changes.
    """
    from loadgen.cli.shadowing import carry_out, gather  # noqa: PLC0415 - numpy is slow to load

    raise typer.Exit(carry_out(gather(options, os.environ)))
