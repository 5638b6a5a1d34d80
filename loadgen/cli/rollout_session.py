"""One rollout from the command line as a session: its terms, what they come to, who is told."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loadgen.cli.console import open_console, warn
from loadgen.cli.keeping import require_program
from loadgen.cli.options import RunOptions
from loadgen.cli.result_files import Output, find_files, to_stdout
from loadgen.cli.session import config_file
from loadgen.cli.session import gather as gather_run
from loadgen.errors import ConfigError
from loadgen.publish.deployment_report import find_deployment_report
from rollout.progressive import result
from rollout.progressive.database import FOLDER, journal_path
from rollout.progressive.driver import lock_path
from rollout.progressive.history import read_record
from rollout.progressive.lock import living_owner
from rollout.progressive.machine import Event
from rollout.progressive.settings import DRILL, lay_over, rollout_settings, typed_options
from rollout.progressive.terms import Terms, kept_file, terms_of
from rollout.report import rollout_html, rollout_markdown

if TYPE_CHECKING:
    from rich.console import Console

    from loadgen.cli.rollout_options import LookOptions, OrderOptions, StartOptions
    from loadgen.config.settings import Settings
    from rollout.progressive.account import Account
    from rollout.progressive.history import Record
    from rollout.progressive.lock import Owner
    from rollout.progressive.settings import RolloutSettings

__all__ = [
    "RolloutSession",
    "find_journal",
    "find_owner",
    "find_record",
    "new_terms",
    "open_session",
    "open_session_again",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutSession:
    """Everything that decides a rollout and what is told of it.

    Attributes:
        settings: of the rollout.
        run: of its load tests, its rollback command and its outlets.
        outputs: files that are written at the end.
        console: shows it.
        begins: it is a new rollout; else it is gone on with.
        judges_nothing: its terms were cut down to the way back.
    """

    settings: RolloutSettings
    run: Settings
    outputs: tuple[Output[Account], ...]
    console: Console
    begins: bool
    judges_nothing: bool = False


def new_terms(options: StartOptions, environ: Mapping[str, str]) -> Terms:
    """The terms of a rollout that is to begin.

    Args:
        options: what was typed.
        environ: the process's environment.

    Raises:
        ConfigError: every mistake of the options, or of the file, at once.
    """
    run_options = options.of_load_test()
    run_options.flags()  # options that contradict each other, before a file is looked for
    typed = dict(typed_options(options.written()))
    if options.drill:
        typed[DRILL] = True
    return Terms(
        options=typed,
        load={key: value for key, value in asdict(run_options).items() if value},
        file=kept_file(config_file(run_options, environ)),
        environment=options.environment or environ.get("ENVIRONMENT", ""),
    )


def open_session(
    terms: Terms, options: RunOptions, environ: Mapping[str, str], *, begins: bool
) -> RolloutSession:
    """What the terms of a rollout come to, here and now.

    Args:
        terms: of the rollout.
        options: the same for its load tests, and what is to be told by this process.
        environ: the process's environment.
        begins: it is a new rollout.

    Raises:
        ConfigError: every mistake at once, and variables that are not set here.
    """
    attended = sys.stdin.isatty() and sys.stdout.isatty()
    file = terms.config(environ)
    settings = rollout_settings(lay_over(file, terms.options), attended=attended)
    load = replace(
        options,
        config=None,
        no_config=True,
        target=settings.section.canary_url,
        concurrency=str(settings.load_concurrency) if settings.load_concurrency else None,
        deployment=settings.deployment,
        namespace=settings.namespace or None,
    )
    run = gather_run(load, environ, file=file)
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
    return RolloutSession(
        settings=settings,
        run=run,
        outputs=tuple(found),
        console=open_console(quiet=run.quiet, on_stderr=to_stdout(found)),
        begins=begins,
    )


def open_session_again(
    record: Record, options: OrderOptions, event: Event | None, environ: Mapping[str, str]
) -> RolloutSession:
    """Opens a rollout on the terms on which it was begun.

    Where they cannot be had whole, as when a variable is not set here, the way back is still
    open, and orders can still be given to who drives it.

    Args:
        record: of the rollout.
        options: what was typed.
        event: what is ordered; None: to go on with it.
        environ: the process's environment.

    Raises:
        ConfigError: the terms need what is not here.
    """
    terms = terms_of(record.rollout.settings)
    _tell_of_changes(terms, options)
    terms = replace(
        terms, options={**terms.options, "journal": str(find_journal(options, environ))}
    )
    typed: dict[str, Any] = {
        **terms.load,
        "environment": terms.environment or None,
        "output": options.output,
        "json": options.json,
        "html": options.html,
        "quiet": options.quiet,
    }
    run_options = RunOptions(**typed)
    # Which environment holds was settled when it began.
    own = {key: value for key, value in environ.items() if key != "ENVIRONMENT"}
    try:
        return open_session(terms, run_options, own, begins=False)
    except ConfigError as error:
        driven = event is not None and find_owner(options, environ) is not None
        if event is not Event.TAKE_BACK and not driven:
            raise
        warn(f"{error}; {event} is ordered without it")
    bare = replace(run_options, environment=None, objective=None)
    session = open_session(terms.to_take_back(), bare, own, begins=False)
    return replace(session, judges_nothing=True)


def find_record(options: LookOptions, environ: Mapping[str, str]) -> Record:
    """The newest rollout of the deployment that is meant.

    Args:
        options: what was typed.
        environ: the process's environment.

    Raises:
        ConfigError: nothing says which deployment.
        JournalError: nothing was begun.
    """
    return read_record(find_journal(options, environ))


def find_owner(options: LookOptions, environ: Mapping[str, str]) -> Owner | None:
    """Who drives the deployment's rollout; None when nobody does."""
    return living_owner(lock_path(find_journal(options, environ)))


def find_journal(options: LookOptions, environ: Mapping[str, str]) -> Path:
    """The journal that is meant: by name, by the file, or the only one that there is.

    Args:
        options: what was typed.
        environ: the process's environment.

    Raises:
        ConfigError: nothing says which.
    """
    if options.journal:
        return Path(options.journal)
    try:
        file = config_file(RunOptions(config=options.config, no_config=options.no_config), environ)
    except ConfigError:
        if options.deployment is None or options.config is not None:
            raise
        file = None  # it was to be read for a name only, and must not stand in an order's way
    section = file.config.rollout if file else None
    deployment = options.deployment or (section.deployment if section else None)
    if section and section.journal:
        return Path(section.journal)
    if deployment:
        return journal_path(deployment)
    known = sorted(FOLDER.glob("*.sqlite")) if FOLDER.is_dir() else []
    if len(known) == 1:
        return known[0]
    if not known:
        raise ConfigError(
            "--deployment: found nothing, and no rollout was begun in this folder; "
            "go to where it was begun, or name its file by --journal"
        )
    names = ", ".join(path.stem for path in known)
    raise ConfigError(f"--deployment: found nothing, expected one of: {names}")


def _tell_of_changes(terms: Terms, options: OrderOptions) -> None:
    """Says so when the config file is another one by now: it is not silently used or passed."""
    if terms.file is None or options.no_config:
        return
    name = options.config or terms.file.name
    if terms.file.is_other_at(Path(name)):
        warn(
            f"{name}: it is not what it was when the rollout was begun, and what it says now is "
            "not used; abort and begin anew where it is to hold"
        )
