"""One rollout from the command line: the rollout itself, what is told of it, the exit code."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import typer

from loadgen.cli.console import print_line, warn
from loadgen.cli.result_files import write_files
from loadgen.cli.rollout_audience import announcer, listeners
from loadgen.cli.rollout_session import find_record, new_terms, open_session, open_session_again
from loadgen.exitcode import ExitCode
from loadgen.units import format_duration
from rollout.progressive import result
from rollout.progressive.account import account_of, exit_code
from rollout.progressive.actor import find_actor
from rollout.progressive.assembly import LoadSettings, assemble
from rollout.progressive.database import journal_path
from rollout.progressive.driver import go_on, order, start
from rollout.progressive.lock import LockedError
from rollout.progressive.machine import Event, Phase, order_word
from rollout.progressive.orders import await_answer
from rollout.progressive.rehearse import dry_run

if TYPE_CHECKING:
    from loadgen.cli.rollout_options import OrderOptions, StartOptions
    from loadgen.cli.rollout_session import RolloutSession
    from rollout.progressive.account import Account
    from rollout.progressive.announcer import Announcer
    from rollout.progressive.crew import Crew
    from rollout.progressive.history import Record
    from rollout.progressive.news import News

__all__ = ["begin", "give_order"]

ANSWER_S = 5.0
"""How long an order waits for who drives; it is taken up within one second."""


def begin(options: StartOptions, environ: Mapping[str, str]) -> ExitCode:
    """Begins a rollout, and drives it until it ends or rests.

    Args:
        options: what was typed.
        environ: the process's environment.

    Raises:
        LoadgenError: it could not begin; no traffic was moved.
    """
    terms = new_terms(options, environ)
    session = open_session(terms, options.of_load_test(), environ, begins=True)
    if options.dry_run:
        return _show_dry_run(session)
    for line in _preface(session):
        print_line(session.console, line)
    if session.settings.plan.attended and not options.yes:
        typer.confirm("Begin?", abort=True)
    actor = find_actor(environ)
    return _told(
        session,
        lambda recruit: start(session.settings, recruit, terms=terms, actor=actor, why=options.why),
    )


def give_order(options: OrderOptions, event: Event | None, environ: Mapping[str, str]) -> ExitCode:
    """Orders something of a rollout; when nobody drives it, this process does from now on.

    Args:
        options: what was typed.
        event: the order; None: to go on with it.
        environ: the process's environment.

    Raises:
        LoadgenError: it cannot be done.
    """
    record = find_record(options, environ)
    session = open_session_again(record, options, event, environ)
    actor = find_actor(environ)
    if event is None and record.state.phase is Phase.PAUSED:
        event = Event.RESUME
    number = None
    if event is not None:
        number = order(record, session.settings, event, actor=actor, why=options.why)
    if number is not None and session.judges_nothing and event is not Event.TAKE_BACK:
        return _answered(session, number, event)  # without its judges nobody goes on with it here
    try:
        return _told(session, lambda recruit: go_on(record, session.settings, recruit, actor=actor))
    except LockedError:
        if number is None:
            raise
        return _answered(session, number, event)


def _preface(session: RolloutSession) -> list[str]:
    """What is going to be done, before anything is."""
    settings = session.settings
    stages = ", ".join(
        f"{each.percentage:g}% {format_duration(each.duration_s)}" for each in settings.plan.stages
    )
    namespace = f" in {settings.namespace}" if settings.namespace else ""
    command = session.run.gate.rollback
    back = " ".join(command.command) if command and not settings.drill else "weights only"
    return [
        f"Rollout: {settings.deployment}{namespace}{', a drill' if settings.drill else ''}",
        f"Stages: {stages}",
        f"Rollback: {back}",
        f"Journal: {settings.journal}",
    ]


def _crew(
    session: RolloutSession, on_news: Callable[[News], None], told: Announcer | None = None
) -> Crew:
    run = session.run
    load = LoadSettings(plan=run.plan, gate=run.gate.options, rollback=run.gate.rollback)
    return assemble(session.settings, load, on_news=on_news, announcer=told)


def _show_dry_run(session: RolloutSession) -> ExitCode:
    crew = _crew(session, lambda _news: None)
    for action, inverse in dry_run(session.settings.plan, crew):
        undone = f"   (undone by: {inverse})" if inverse else ""
        print_line(session.console, f"{action}{undone}")
    return ExitCode.PASS


def _told(session: RolloutSession, drive: Callable[[Callable[[], Crew]], Record]) -> ExitCode:
    """Drives a rollout while it is shown, then writes what became of it."""
    settings, console = session.settings, session.console
    with contextlib.ExitStack() as stack:
        outlets = session.run.outlets
        told = listeners(settings, outlets, console, stack, begins=session.begins)

        def on_news(news: News) -> None:
            for tell in told:
                tell(news)

        record = drive(lambda: _crew(session, on_news, announcer(settings, outlets)))
    account = account_of(record, settings.plan.stages)
    written = write_files(session.outputs, account, result.dumps)
    for line in _conclusion(session, account):
        print_line(console, line)
    code = exit_code(record.state, drill=settings.drill)
    return code if written else ExitCode(code or ExitCode.NOT_DONE)


def _conclusion(session: RolloutSession, account: Account) -> list[str]:
    name, journal = account.record.rollout.deployment, session.settings.journal
    if journal != journal_path(name):
        name = f"{name} --journal {shlex.quote(str(journal))}"
    lines = [f"Rollout {account.record.rollout.id}: {account.state.phase}, {account.verdict}"]
    seconds = account.rollback.seconds_to_safe
    if seconds is not None:
        lines.append(f"Safe after {seconds:.2f} s, measured")
    match account.state.phase:
        case Phase.PAUSED:
            lines.append(f"Go on: loadgen rollout resume --deployment {name}; or promote, or abort")
        case Phase.WAITING:
            lines.append(f"Go on: loadgen rollout promote --deployment {name}; or abort")
        case Phase.STUCK:
            lines.append(f"A person is needed; then: loadgen rollout rollback --deployment {name}")
        case Phase.ROLLED_BACK if session.settings.drill:
            lines.append("The drill succeeded: rolled back as rehearsed")
        case _:
            pass
    return lines


def _answered(session: RolloutSession, number: int, event: Event | None) -> ExitCode:
    """What the process says that drives the rollout."""
    word = order_word(event) if event else "resume"
    answer = await_answer(session.settings.journal, number, within_s=ANSWER_S)
    if not answer:
        warn(f"{word}: written, and not taken up within {ANSWER_S:g} s; see status")
        return ExitCode.NOT_DONE
    print_line(session.console, f"{word}: {answer}")
    return ExitCode.PASS if answer.startswith("done") else ExitCode.USAGE
