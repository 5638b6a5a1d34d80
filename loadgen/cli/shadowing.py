"""A shadow test from its options to its exit code: live or replayed, told in the same way."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from loadgen.cli.console import open_console, print_line, warn
from loadgen.cli.result_files import (
    Output,
    file_names,
    find_files,
    report_name,
    to_stdout,
    write_files,
)
from loadgen.config.file import find_config, read_config
from loadgen.config.outlets import github_options
from loadgen.config.shadow_section import parse_percent
from loadgen.errors import ConfigError
from loadgen.exitcode import ExitCode
from loadgen.interrupts import Interrupts
from loadgen.publish.github_actions import tell_workflow
from loadgen.report.numbers import clock, count
from loadgen.resolve import resolve
from loadgen.units import UnitError
from rollout.report import shadow_github, shadow_html, shadow_markdown, shadow_terminal
from rollout.shadow import result_file
from rollout.shadow.conclusion import conclude
from rollout.shadow.live.course import course_of
from rollout.shadow.live.live import run_live
from rollout.shadow.live.watch import Ears
from rollout.shadow.recorded.replay import ReplaySettings
from rollout.shadow.source import accepted_ratio, new_ledger, shadow_of_traffic
from slo.canary import CanaryVerdict

if TYPE_CHECKING:
    from rich.console import Console

    from loadgen.cli.shadow_options import ShadowOptions
    from loadgen.config.model import Config
    from loadgen.config.shadow_section import ShadowSection
    from loadgen.publish.options import GithubOptions
    from rollout.shadow.live.settings import LiveSettings
    from rollout.shadow.result import ShadowResult

__all__ = ["ShadowSession", "carry_out", "gather"]

EVERY_S = 5.0
"""Between two lines of progress."""
_CODES = {
    CanaryVerdict.PASS: ExitCode.PASS,
    CanaryVerdict.FAIL: ExitCode.FAIL,
    CanaryVerdict.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
    CanaryVerdict.INVALID: ExitCode.INCONCLUSIVE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowSession:
    """Everything that decides a shadow test and what is told of it.

    Attributes:
        settings: sides, selection and limits.
        recording: the file that is replayed; None: live traffic is mirrored.
        speed: of the replay.
        section: the rules of the config file; None: there are none.
        outputs: the files that are written.
        github: what a step of a workflow tells its runner.
        quiet: nothing is shown.
    """

    settings: LiveSettings
    recording: Path | None
    speed: float
    section: ShadowSection | None
    outputs: tuple[Output[ShadowResult], ...]
    github: GithubOptions
    quiet: bool


def gather(options: ShadowOptions, environ: Mapping[str, str]) -> ShadowSession:
    """Reads the config file and the options.

    Args:
        options: what was typed.
        environ: the process's environment.

    Raises:
        ConfigError: what is wrong with them.
    """
    path = Path(options.config) if options.config else None
    if path is None and not options.no_config:
        path = find_config(Path())
    config = read_config(path, environ, environment="").config if path else None
    options = options.over(config)
    settings, speed = options.settings(), options.speed_factor()
    outputs, problems = find_files(
        (
            ("--output", options.output or None, shadow_markdown.render),
            ("--json", options.json or None, result_file.dumps),
            ("--html", options.html or None, shadow_html.render),
        ),
        str(path or ""),
    )
    github = github_options(environ, problems, with_outputs=options.github_output)
    section = _section(config, options.max_mismatch, problems)
    if problems:
        raise ConfigError(*problems)
    return ShadowSession(
        settings=_within(settings, config),
        recording=Path(options.replay) if options.replay else None,
        speed=speed,
        section=section,
        outputs=tuple(outputs),
        github=github,
        quiet=options.quiet,
    )


def carry_out(session: ShadowSession) -> ExitCode:
    """Mirrors or replays, writes and shows what came of it.

    Args:
        session: from `gather`.

    Returns:
        The exit code that the result deserves.

    Raises:
        LoadgenError: it could not begin; nothing was sent.
    """
    console = open_console(quiet=session.quiet, on_stderr=to_stdout(session.outputs))
    interrupts = Interrupts()
    try:
        with interrupts.on_signals():
            how = _mirrored if session.recording is None else _replayed
            result = how(session, interrupts, console)
    finally:
        interrupts.close()
    written = write_files(session.outputs, result, result_file.dumps)
    console.print(shadow_terminal.render(result))
    for name in file_names(session.outputs).values() if written else ():
        print_line(console, f"Written: {name}")
    _tell_github(session, result, console)
    code = ExitCode.NOT_DONE if not result.pairs else _CODES[result.verdict]
    return code if written else ExitCode(code or ExitCode.NOT_DONE)


def _replayed(session: ShadowSession, interrupts: Interrupts, console: Console) -> ShadowResult:
    settings = session.settings
    assert session.recording is not None
    replayed = ReplaySettings(
        targets=settings.sides,
        speed=session.speed,
        selection=settings.selection,
        limits=settings.limits,
    )
    print_line(console, _preface(session, str(session.recording)))
    tell = _progress(console)
    return shadow_of_traffic(
        session.recording,
        replayed,
        session.section,
        tls=settings.tls,
        interrupts=interrupts,
        on_second=lambda so_far: tell(so_far.seen, so_far.pairs),
    )


def _mirrored(session: ShadowSession, interrupts: Interrupts, console: Console) -> ShadowResult:
    settings, ledger, tell = session.settings, new_ledger(session.section), _progress(console)
    print_line(console, _preface(session, "live traffic"))
    live = run_live(
        settings,
        ledger,
        Ears(
            on_ready=lambda url: console.print(f"Listening on {url}", markup=False),
            on_second=lambda counts: tell(counts.seen, counts.pairs),
            on_note=partial(print_line, console),
        ),
        interrupts=interrupts,
        stands_back=True,
    )
    course = course_of(settings, live)
    return conclude(ledger, course, max_mismatch_ratio=accepted_ratio(session.section))


def _section(config: Config | None, max_mismatch: str, problems: list[str]) -> ShadowSection | None:
    """The rules of the file, with what the option says instead."""
    from loadgen.config.shadow_section import ShadowSection  # noqa: PLC0415

    section = config.shadow if config else None
    if not max_mismatch:
        return section
    try:
        return (section or ShadowSection()).model_copy(
            update={"max_mismatch": parse_percent(max_mismatch)}
        )
    except UnitError as error:
        problems.append(f"--max-mismatch: {error}")
        return section


def _within(settings: LiveSettings, config: Config | None) -> LiveSettings:
    """The settings, held against what the file lets nobody exceed.

    Raises:
        ConfigError: a side is not on the list of those that may be loaded.
    """
    if config is None:
        return settings
    allowed = config.targets.allow_list("targets.allow") if config.targets else None
    if allowed:
        for target in settings.sides:
            allowed.check(target, resolve(target))
    most_rps = config.limits.max_rps if config.limits else None
    if most_rps is None or settings.limits.rate_rps <= most_rps:
        return settings
    return replace(settings, limits=replace(settings.limits, rate_rps=float(most_rps)))


def _preface(session: ShadowSession, source: str) -> str:
    settings = session.settings
    baseline = f", noise told by {settings.baseline.url}" if settings.baseline else ""
    return f"Shadow {source}: {settings.canary.url} beside {settings.production.url}{baseline}"


def _progress(console: Console) -> Callable[[int, int], None]:
    """What tells how far it is, every few seconds."""
    begin_s = next_s = time.monotonic()

    def tell(seen: int, pairs: int) -> None:
        nonlocal next_s
        now_s = time.monotonic()
        if now_s >= next_s:
            next_s = now_s + EVERY_S
            elapsed = clock(now_s - begin_s)
            console.print(f"{elapsed:>7}  {count(seen)} requests, {count(pairs)} compared")

    return tell


def _tell_github(session: ShadowSession, result: ShadowResult, console: Console) -> None:
    """Annotates the step, adds to the page of the workflow run, and sets the step's outputs."""
    tell_workflow(
        session.github,
        commands=shadow_github.commands(result),
        summary=shadow_github.summary(result),
        values={**shadow_github.outputs(result), "report": report_name(session.outputs)},
        say=partial(print_line, console),
        warn=warn,
    )
