"""One rollout from the command line: settings, the rollout itself, what is told, the exit code."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from loadgen.cli.console import open_console, warn
from loadgen.cli.keeping import require_program
from loadgen.cli.options import RunOptions
from loadgen.cli.result_files import Output, find_files, to_stdout, write_files
from loadgen.cli.rollout_audience import announcer, listeners
from loadgen.cli.session import config_file
from loadgen.cli.session import gather as gather_run
from loadgen.errors import ConfigError
from loadgen.exitcode import ExitCode
from loadgen.publish.deployment_report import find_deployment_report
from loadgen.units import format_duration
from rollout.progressive import result
from rollout.progressive.account import account_of, exit_code
from rollout.progressive.actor import find_actor
from rollout.progressive.assembly import LoadSettings, assemble
from rollout.progressive.database import FOLDER, journal_path
from rollout.progressive.driver import go_on, lock_path, order, start
from rollout.progressive.history import read_record
from rollout.progressive.lock import LockedError, living_owner
from rollout.progressive.machine import Event, Phase
from rollout.progressive.orders import await_answer
from rollout.progressive.rehearse import dry_run
from rollout.progressive.settings import DRILL, lay_over, rollout_settings
from rollout.report import rollout_html, rollout_markdown

if TYPE_CHECKING:
    from rich.console import Console

    from loadgen.cli.rollout_options import OrderOptions, StartOptions
    from loadgen.config.settings import Settings
    from rollout.progressive.account import Account
    from rollout.progressive.announcer import Announcer
    from rollout.progressive.crew import Crew
    from rollout.progressive.history import Record
    from rollout.progressive.lock import Owner
    from rollout.progressive.news import News
    from rollout.progressive.settings import RolloutSettings

__all__ = ["begin", "find_owner", "find_record", "give_order"]

ANSWER_S = 5.0
"""How long an order waits for who drives; it is taken up within one second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    """Everything that decides a rollout and what is told of it."""

    settings: RolloutSettings
    run: Settings
    outputs: tuple[Output[Account], ...]
    console: Console
    begins: bool


def begin(options: StartOptions, environ: Mapping[str, str]) -> ExitCode:
    """Begins a rollout, and drives it until it ends or rests.

    Args:
        options: what was typed.
        environ: the process's environment.

    Raises:
        LoadgenError: it could not begin; no traffic was moved.
    """
    run_options = options.of_load_test()
    file = config_file(run_options, environ)
    written = dict(lay_over(file, options.written()))
    if options.drill:
        written[DRILL] = True
    session = _session(written, run_options, environ, begins=True)
    if options.dry_run:
        return _show_dry_run(session)
    for line in _preface(session):
        session.console.print(line, markup=False, soft_wrap=True)
    if session.settings.plan.attended and not options.yes:
        typer.confirm("Begin?", abort=True)
    actor = find_actor(environ)
    return _told(
        session,
        lambda recruit: start(session.settings, recruit, actor=actor, why=options.why),
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
    run_options = RunOptions(
        config=options.config,
        no_config=options.no_config,
        environment=options.environment,
        output=options.output,
        json=options.json,
        html=options.html,
        quiet=options.quiet,
    )
    written = {**record.rollout.settings, "journal": str(_path(options, environ))}
    session = _session(written, run_options, environ, begins=False)
    actor = find_actor(environ)
    if event is None and record.state.phase is Phase.PAUSED:
        event = Event.RESUME
    number = None
    if event is not None:
        number = order(record, session.settings, event, actor=actor, why=options.why)
    try:
        return _told(session, lambda recruit: go_on(record, session.settings, recruit, actor=actor))
    except LockedError:
        if number is None:
            raise
        return _answered(session, number, event)


def find_record(options: OrderOptions, environ: Mapping[str, str]) -> Record:
    """The newest rollout of the deployment that is meant.

    Args:
        options: what was typed.
        environ: the process's environment.

    Raises:
        ConfigError: nothing says which deployment.
        JournalError: nothing was begun.
    """
    return read_record(_path(options, environ))


def find_owner(options: OrderOptions, environ: Mapping[str, str]) -> Owner | None:
    """Who drives the deployment's rollout; None when nobody does."""
    return living_owner(lock_path(_path(options, environ)))


def _path(options: OrderOptions, environ: Mapping[str, str]) -> Path:
    """The journal that is meant: by name, by the file, or the only one that there is."""
    file = config_file(RunOptions(config=options.config, no_config=options.no_config), environ)
    section = file.config.rollout if file else None
    journal = options.journal or (section.journal if section else None)
    deployment = options.deployment or (section.deployment if section else None)
    if journal:
        return Path(journal)
    if deployment:
        return journal_path(deployment)
    known = sorted(FOLDER.glob("*.sqlite")) if FOLDER.is_dir() else []
    if len(known) == 1:
        return known[0]
    names = ", ".join(path.stem for path in known) or "none that was begun here"
    raise ConfigError(f"--deployment: found nothing, expected one of: {names}")


def _session(
    written: Mapping[str, object], options: RunOptions, environ: Mapping[str, str], *, begins: bool
) -> _Session:
    attended = sys.stdin.isatty() and sys.stdout.isatty()
    settings = rollout_settings(written, attended=attended)
    load = dataclasses.replace(
        options,
        target=settings.section.canary_url,
        concurrency=str(settings.load_concurrency) if settings.load_concurrency else None,
        deployment=settings.deployment,
        namespace=settings.namespace or None,
    )
    run = gather_run(load, environ)
    require_program(run.gate.rollback)
    wanted = (
        ("--output", options.output, rollout_markdown.render),
        ("--json", options.json, result.dumps),
        ("--html", options.html, rollout_html.render),
    )
    found, problems = find_files(wanted, run.config_name)
    if problems:
        raise ConfigError(*problems)
    report = find_deployment_report(run.deployment_report)
    if report is not None:
        found.append(
            Output(option="--deployment-report", place=report, render=rollout_markdown.section)
        )
    return _Session(
        settings=settings,
        run=run,
        outputs=tuple(found),
        console=open_console(quiet=run.quiet, on_stderr=to_stdout(found)),
        begins=begins,
    )


def _preface(session: _Session) -> list[str]:
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
    session: _Session, on_news: Callable[[News], None], told: Announcer | None = None
) -> Crew:
    run = session.run
    load = LoadSettings(plan=run.plan, gate=run.gate.options, rollback=run.gate.rollback)
    return assemble(session.settings, load, on_news=on_news, announcer=told)


def _show_dry_run(session: _Session) -> ExitCode:
    crew = _crew(session, lambda _news: None)
    for action, inverse in dry_run(session.settings.plan, crew):
        undone = f"   (undone by: {inverse})" if inverse else ""
        session.console.print(f"{action}{undone}", markup=False, soft_wrap=True)
    return ExitCode.PASS


def _told(session: _Session, drive: Callable[[Callable[[], Crew]], Record]) -> ExitCode:
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
    for line in _conclusion(account):
        console.print(line, markup=False, soft_wrap=True)
    code = exit_code(record.state, drill=settings.drill)
    return code if written else ExitCode(code or ExitCode.NOT_DONE)


def _conclusion(account: Account) -> list[str]:
    name = account.record.rollout.deployment
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
        case _:
            pass
    return lines


def _answered(session: _Session, number: int, event: Event | None) -> ExitCode:
    """What the process says that drives the rollout."""
    answer = await_answer(session.settings.journal, number, within_s=ANSWER_S)
    if not answer:
        warn(f"{event}: written, and not taken up within {ANSWER_S:g} s; see status")
        return ExitCode.NOT_DONE
    session.console.print(f"{event}: {answer}", markup=False, soft_wrap=True)
    return ExitCode.PASS if answer.startswith("done") else ExitCode.USAGE
