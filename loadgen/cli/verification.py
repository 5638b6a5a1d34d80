"""One canary verification from the command line: settings, steps, what is told, the exit code."""

from __future__ import annotations

import dataclasses
import logging
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from loadgen.cli.console import open_console, print_line, warn
from loadgen.cli.keeping import require_program
from loadgen.cli.result_files import (
    Output,
    file_names,
    find_files,
    report_name,
    to_stdout,
    write_files,
)
from loadgen.cli.session import config_file, find_outlets
from loadgen.cli.session import gather as gather_run
from loadgen.config.canary import EXTENSION, CanarySettings, canary_settings
from loadgen.config.suggestion import did_you_mean, one_of
from loadgen.errors import ConfigError
from loadgen.exitcode import ExitCode
from loadgen.judging import GateOptions
from loadgen.publish.deployment_report import find_deployment_report
from loadgen.publish.github_actions import tell_workflow
from loadgen.publish.options import SlackWhen
from loadgen.publish.slack import deliver
from loadgen.target_url import Target
from loadgen.tls import TlsOptions
from rollout.canary import result, summary
from rollout.canary.comparison import ComparisonOptions
from rollout.canary.display import ConsoleAudience
from rollout.canary.outcome import after_rollback, exit_code
from rollout.canary.slack_message import slack_message
from rollout.canary.verification import StepName, Verification
from rollout.canary.verifier import VerificationOptions, Verifier
from rollout.report import (
    verification_github,
    verification_html,
    verification_junit,
    verification_markdown,
)
from rollout.shadow.recorded.replay import ReplaySettings
from rollout.shadow.source import is_result, shadow_of_source
from slo.detector import watched_objectives
from slo.policy import OnInconclusive
from slo.preflight import preflight

if TYPE_CHECKING:
    from rich.console import Console

    from loadgen.cli.canary_options import CanaryOptions
    from loadgen.config.file import ConfigFile
    from loadgen.config.settings import Settings
    from loadgen.interrupts import Interrupts
    from loadgen.publish.options import GithubOptions, SlackOptions
    from rollout.canary.verifier import ShadowStep
    from rollout.shadow.recorded.session import Progress
    from rollout.shadow.result import ShadowResult

__all__ = ["CanarySession", "carry_out", "gather"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CanarySession:
    """Everything that decides a verification and what is told of it.

    Attributes:
        options: what is verified.
        run: the load test as `loadgen run` would do it; its outlets hold for all.
        outputs: the files that are written.
    """

    options: VerificationOptions
    run: Settings
    outputs: tuple[Output[Verification], ...]


def gather(options: CanaryOptions, environ: Mapping[str, str]) -> CanarySession:
    """Reads the config file and the options, and lays them over each other.

    Args:
        options: what was typed.
        environ: the process's environment.

    Raises:
        ConfigError: every mistake that was found.
    """
    skip = _skipped(options)
    file = config_file(options.of_load_test(""), environ)
    compares = StepName.COMPARISON not in skip
    canary = canary_settings(file, options.of_canary(), compares=compares)
    run = _load_test(options, canary.canary_url, environ)
    endpoints = [request.label for request in run.plan.requests]
    comparison = _comparison(canary, run) if compares else None
    return CanarySession(
        run=run,
        outputs=_outputs(options, run),
        options=VerificationOptions(
            plan=run.plan,
            gate=_gate(run.gate.options, endpoints),
            production_url=canary.production_url,
            baseline_url=canary.baseline_url,
            preflight=_foreseen(comparison, endpoints) if comparison else "no comparison",
            shadow=_shadow(options.shadow, file, canary, run) if options.shadow else None,
            load_test=options.load_test,
            comparison=comparison,
            skip=skip,
            on_inconclusive=canary.on_inconclusive,
        ),
    )


def carry_out(session: CanarySession) -> ExitCode:
    """Verifies, writes and shows what came of it.

    Args:
        session: from `gather`.

    Returns:
        The exit code that the verification deserves.

    Raises:
        LoadgenError: it could not begin; nothing was sent.
    """
    options, run = session.options, session.run
    require_program(run.gate.rollback)
    outputs = session.outputs
    console = open_console(quiet=run.quiet, on_stderr=to_stdout(outputs))
    logging.basicConfig(level=run.log_level, stream=sys.stderr)
    for line in _preface(session):
        print_line(console, line)
    # Slack is told of the whole verification, not of its load test.
    publisher, sampler = find_outlets(dataclasses.replace(run.outlets, slack=None))
    audience = ConsoleAudience(
        run.plan,
        console,
        quiet=run.quiet,
        plain=run.log_level == "DEBUG",
        on_interim=publisher.interim,
    )
    try:
        verification = Verifier(options, audience, sampler=sampler).run()
    finally:
        audience.close()
    if run.gate.rollback:
        verification = after_rollback(
            verification,
            run.gate.rollback,
            secrets=run.plan.secrets,
            asks_url=_plain_url(options),
        )
    written = write_files(outputs, verification, result.dumps)
    console.print(summary.render(verification))
    for name in file_names(outputs).values() if written else ():
        print_line(console, f"Written: {name}")
    _tell_github(run.outlets.github, outputs, verification, console)
    if verification.load_test:
        publisher.finish(verification.load_test)
    if run.outlets.slack:
        _tell_slack(run.outlets.slack, verification, run.outlets.link)
    code = exit_code(verification)
    return code if written else ExitCode(code or ExitCode.NOT_DONE)


def _plain_url(options: VerificationOptions) -> str:
    """Production's URL, when a plain request finds it; "" when it takes more than that."""
    url, plan = options.production_url, options.plan
    plain = url.startswith("http://") or (url.startswith("https://") and plan.tls == TlsOptions())
    return url if plain and not plan.resolve else ""


def _tell_slack(slack: SlackOptions, verification: Verification, link: str) -> None:
    """Sends the message; one that cannot be sent is a warning."""
    if verification.accepted and slack.when is SlackWhen.FAILURE:
        return
    if problem := deliver(slack.webhook, slack_message(verification, link=link)):
        warn(problem)


def _tell_github(
    github: GithubOptions,
    outputs: Sequence[Output[Verification]],
    verification: Verification,
    console: Console,
) -> None:
    """Annotates the step, adds to the page of the workflow run, and sets the step's outputs."""
    tell_workflow(
        github,
        commands=verification_github.commands(verification),
        summary=verification_github.summary(verification),
        values={**verification_github.outputs(verification), "report": report_name(outputs)},
        say=partial(print_line, console),
        warn=warn,
    )


def _preface(session: CanarySession) -> list[str]:
    """What is going to be done, one line each, before anything is sent."""
    options = session.options
    sides = [
        ("Canary", options.plan.target),
        ("Baseline", options.baseline_url),
        ("Production", options.production_url),
    ]
    file = session.run.config_name or "no file"
    lines = [f"{name}: {url}" for name, url in sides if url]
    lines.append(f"Configuration: {file}, environment {options.plan.environment}")
    if options.comparison:
        lines.append(f"Comparison: {options.preflight}")
    return lines


def _load_test(options: CanaryOptions, url: str, environ: Mapping[str, str]) -> Settings:
    """The load test; mistakes are told by the names that its options have here."""
    try:
        return gather_run(options.of_load_test(url), environ)
    except ConfigError as error:
        problems = error.problems
        for name in ("concurrency", "duration"):
            problems = tuple(
                re.sub(rf"^--{name}:", f"--load-{name}:", problem) for problem in problems
            )
        raise ConfigError(*problems) from None


def _skipped(options: CanaryOptions) -> frozenset[StepName]:
    """The steps that --skip names; what is left over must be something to do."""
    known = {name.option: name for name in StepName}
    given = options.skip or ()
    wrong = [
        f"--skip: found {text!r}, expected {one_of(known)}{did_you_mean(text, known)}"
        for text in given
        if text not in known
    ]
    if wrong:
        raise ConfigError(*wrong)
    skip = frozenset(known[text] for text in given)
    asked = {
        StepName.SHADOW: bool(options.shadow),
        StepName.LOAD_TEST: options.load_test,
        StepName.COMPARISON: True,
    }
    if not any(is_asked and name not in skip for name, is_asked in asked.items()):
        raise ConfigError(
            "--skip: found no step left to do, expected one that is asked for "
            "(--shadow SOURCE, --load-test) and not skipped"
        )
    return skip


def _shadow(
    source: str, file: ConfigFile | None, canary: CanarySettings, run: Settings
) -> ShadowStep:
    """The step of mirrored requests: a result is read, recorded requests are replayed."""
    path = Path(source)
    if not path.is_file():
        raise ConfigError(
            f"--shadow: found {source!r}, which is no file; expected the result of `loadgen "
            "shadow`, an access log or a HAR"
        )
    sides = [url for url in (canary.production_url, canary.baseline_url) if url]
    if not sides and not is_result(path):
        raise ConfigError(
            f"--shadow: found {source!r} and no --production-url, expected both: it is replayed"
        )
    urls = [*sides[:1], canary.canary_url, *sides[1:]]
    section = file.config.shadow if file else None

    def shadow(interrupts: Interrupts, on_second: Callable[[Progress], None]) -> ShadowResult:
        settings = ReplaySettings(targets=tuple(Target.parse(url) for url in urls))
        return shadow_of_source(
            path,
            settings,
            section,
            tls=run.plan.tls,
            interrupts=interrupts,
            on_second=on_second,
        )

    return shadow


def _comparison(canary: CanarySettings, run: Settings) -> ComparisonOptions:
    duration_s = run.plan.duration_s if canary.duration_s is None else canary.duration_s
    longest_s = None
    if canary.on_inconclusive is OnInconclusive.EXTEND:
        longest_s = canary.max_duration_s or EXTENSION * duration_s
    return ComparisonOptions(
        baseline_url=canary.compared_url,
        canary_url=canary.canary_url,
        rate_rps=canary.rate_rps,
        duration_s=duration_s,
        max_duration_s=longest_s,
        policy=canary.policy,
        objectives=run.gate.options.objectives,
    )


def _foreseen(comparison: ComparisonOptions, endpoints: Sequence[str]) -> str:
    """What the comparison will be able to see, in a line."""
    return preflight(
        duration_s=comparison.comparing_s(calibrated=False),
        rate_rps=comparison.rate_rps,
        objectives=comparison.objectives,
        endpoints=endpoints,
        policy=comparison.policy,
    ).text


def _gate(gate: GateOptions, endpoints: Sequence[str]) -> GateOptions:
    """The gate of the load test: without objectives the error budget that comparisons have, too."""
    if gate.objectives:
        return gate
    usual = watched_objectives((), endpoints)[:1]
    return dataclasses.replace(gate, objectives=usual)


def _outputs(options: CanaryOptions, run: Settings) -> tuple[Output[Verification], ...]:
    """The files that are asked for, and the deployment report where there is one."""
    outputs, problems = find_files(
        (
            ("--output", options.output, verification_markdown.render),
            ("--json", options.json, result.dumps),
            ("--html", options.html, verification_html.render),
            ("--junit", options.junit, verification_junit.render),
        ),
        run.config_name,
    )
    if problems:
        raise ConfigError(*problems)
    if place := find_deployment_report(run.deployment_report):
        appended = verification_markdown.section
        outputs.append(Output(option="--deployment-report", place=place, render=appended))
    return tuple(outputs)
