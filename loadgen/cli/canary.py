"""`loadgen canary`: a canary verified before it gets traffic, from the options to the exit code."""

from __future__ import annotations

import os

import typer

from loadgen.cli.canary_options import CanaryOptions
from loadgen.cli.options import takes_options

__all__ = ["EXAMPLES", "canary"]

EXAMPLES = """\
[bold]Examples[/bold]

[cyan]loadgen canary --canary-url http://canary:8000 --production-url http://prod:8000
--baseline-url http://baseline:8000[/cyan]

[cyan]loadgen canary --canary-url http://canary:8000 --production-url http://prod:8000 --load-test
--auto-rollback-on-loadfail --rollback-command 'kubectl rollout undo deployment/api'[/cyan]

[cyan]loadgen canary ... --compare-duration 10m --compare-rate 200 --plan-only[/cyan]

[bold]The steps[/bold]

shadow: requests of production, answered by both and compared (--shadow). load-test: a run
against the canary alone, held against the objectives (--load-test). comparison: the same
requests to canary and baseline in the same seconds; first the baseline against itself, at most
a third of the time. A step that fails ends the verification.

[bold]Verdicts and exit codes[/bold]

PASS 0: not worse, and a regression that matters would have been found. FAIL 1: worse.
INCONCLUSIVE 3: neither, see --on-inconclusive. INVALID 3: nothing can be said of the canary, and
nothing is rolled back. 2: an option or the configuration is wrong. 4: it could not be done, such
as with a canary that is down. 5: a rollback was ordered and did not succeed.
"""


@takes_options(CanaryOptions)
def canary(options: CanaryOptions) -> None:
    """Verify a canary: shadow, load test, comparison with production, and one verdict.

    The comparison sends the same requests to both sides, in pairs, and judges by evidence that
    may be watched: a canary that is no worse fails in 1 of 100 verifications at most.
    """
    from loadgen.cli.verification import carry_out, gather  # noqa: PLC0415 - numpy is slow to load

    verification = gather(options, os.environ)
    if options.plan_only:
        typer.echo(verification.options.preflight)
        raise typer.Exit
    raise typer.Exit(carry_out(verification))
