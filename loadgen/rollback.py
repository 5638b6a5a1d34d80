"""Runs the command that takes a deployment back: a timeout, retries, an outcome.

`command_problems` is pure. A signal that asks this program to stop does not reach
the command: a rollback that is stopped half-way is worse than none.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass

from loadgen.command import CommandEnd, fill, placeholders, run_command
from loadgen.consequence import RollbackOutcome
from loadgen.interrupts import Interrupts

__all__ = [
    "PLACEHOLDERS",
    "RollbackOptions",
    "command_problems",
    "missing_program",
    "roll_back",
]

PLACEHOLDERS = ("deployment", "namespace", "run_id", "violations")
TIMEOUT_S = 60.0
RETRIES = 2
BACKOFF_S = 2.0
"""Before the first retry; twice as long before each further one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackOptions:
    """How to roll back, and whether that may be done.

    Attributes:
        command: program and arguments; {deployment}, {namespace}, {run_id} and {violations}
            in them are filled in.
        auto: a run that fails orders it. Without, it is never run.
        timeout_s: for each attempt; then it is ended, with all processes that it started.
        retries: attempts after the first one.
        backoff_s: pause before the first retry, doubled each time.
        deployment, namespace: what the placeholders stand for.
        wrapper: a program that runs the command and ends as it does, such as one that keeps a
            receipt; () runs it directly.
    """

    command: tuple[str, ...]
    auto: bool = False
    timeout_s: float = TIMEOUT_S
    retries: int = RETRIES
    backoff_s: float = BACKOFF_S
    deployment: str = ""
    namespace: str = ""
    wrapper: tuple[str, ...] = ()


def command_problems(options: RollbackOptions) -> list[str]:
    """What keeps a command from being filled in, one sentence each, without the place."""
    if not options.command or not options.command[0].strip():
        return ["found no program, expected for example kubectl rollout undo deployment/NAME"]
    used = placeholders(options.command)
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    problems = [
        f"found the placeholder {{{name}}}, expected one of {known}"
        for name in used
        if name not in PLACEHOLDERS
    ]
    problems += [
        f"found {{{name}}} and nothing that it stands for, expected --{name}"
        for name in ("deployment", "namespace")
        if name in used and not getattr(options, name)
    ]
    return problems


def missing_program(command: Sequence[str]) -> str:
    """Why the program cannot be run, without the place; "" when it can."""
    if shutil.which(command[0]):
        return ""
    return f"found {command[0]!r}, which is no program of this machine; expected one, or its path"


def roll_back(
    options: RollbackOptions, *, run_id: str, violations: Sequence[str]
) -> RollbackOutcome:
    """Runs the command until it succeeds, at most 1 + `retries` times.

    SIGINT, SIGTERM and SIGHUP are held off meanwhile when this is the main thread.

    Args:
        options: checked by `command_problems`.
        run_id: for {run_id}.
        violations: for {violations}, joined by "; ".
    """
    command = fill(
        options.command,
        {
            "deployment": options.deployment,
            "namespace": options.namespace,
            "run_id": run_id,
            "violations": "; ".join(violations),
        },
    )
    began_s = time.monotonic()
    interrupts = Interrupts()
    try:
        with interrupts.on_signals():
            attempt = CommandEnd(problem="it was not run", output=())
            attempts = 0
            while attempt.problem and attempts <= options.retries:
                if attempts:
                    time.sleep(options.backoff_s * 2 ** (attempts - 1))
                attempt = run_command((*options.wrapper, *command), timeout_s=options.timeout_s)
                attempts += 1
    finally:
        interrupts.close()
    seconds = time.monotonic() - began_s
    tries = f" at attempt {attempts}" if attempts > 1 else ""
    done = f"Rolled back by {command[0]} in {seconds:.1f} s{tries}"
    failed = (
        f"The rollback did not succeed, and a person is needed: {command[0]} was run "
        f"{'once' if attempts == 1 else f'{attempts} times'}, and {attempt.problem}"
    )
    return RollbackOutcome(
        ordered=True,
        succeeded=not attempt.problem,
        attempts=attempts,
        seconds=seconds,
        output=attempt.output,
        text=failed if attempt.problem else done,
    )
