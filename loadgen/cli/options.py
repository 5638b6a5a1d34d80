"""The options of a run, declared once for every command that runs one.

What an option means and which values it takes stands in loadgen.config.model, under the
same name; here stands only how it looks on the command line.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, TypeVar

import typer

from loadgen import units
from loadgen.cli.section_option import SectionOption
from loadgen.config.file import DEFAULT_ENVIRONMENT
from loadgen.config.gate_section import KEEP_RUNS
from loadgen.config.load_test_section import LoadTest
from loadgen.config.settings import Flags
from loadgen.errors import ConfigError
from loadgen.plan import Plan
from slo.objective import Decide

__all__ = [
    "RunOptions",
    "config_option",
    "environment_option",
    "no_config_option",
    "run_option",
    "takes_options",
    "takes_run_options",
]

T = TypeVar("T")

WHERE = "Where and how much"
PATTERNS = "Patterns"
REQUEST = "Requests"
CONNECTION = "Connections and TLS"
MACHINE = "This machine"
GATE = "The verdict, and what follows"
OUTPUT = "What is told"
_FIELDS = {"json": "json_file"}
"""Keys of load_test whose field in the model has another name."""
_SWITCHES = ("pin", "keepalive", "tls_resume", "fail_on_violation", "history")
"""Options that can say no as well as nothing."""
_APART = frozenset(
    {"url", "config", "no_config", "environment", "header", "objective", "no_deployment_report"}
)
"""Options that are no value of load_test, or have another name there."""


def _defaults() -> Mapping[str, str]:
    """What holds when nobody says otherwise, in the words in which it would be said."""
    plan = Plan()
    return {
        "target": plan.target,
        "pattern": plan.pattern,
        "concurrency": str(plan.concurrency),
        "duration": units.format_duration(plan.duration_s),
        "warmup": "0",
        "think": units.format_span(plan.think_s),
        "burst_size": str(plan.burst_size),
        "pause": units.format_span(plan.pause_s),
        "ramp": units.format_duration(plan.ramp_s),
        "rate": units.format_number(plan.rate_rps),
        "arrivals": plan.arrivals,
        "stages_of": plan.stage_unit,
        "method": plan.method,
        "expect_status": "below 400",
        "follow": str(plan.follow),
        "timeout": units.format_duration(plan.timeout_s),
        "connect_timeout": units.format_duration(plan.connect_timeout_s),
        "user_agent": "loadgen and its version",
        "stop_when_dead": units.format_duration(plan.stop_when_dead_s),
        "keepalive": "used again",
        "cacert": "the system's store",
        "tls_min": plan.tls.minimum,
        "tls_resume": "full handshakes",
        "precision": plan.precision,
        "pin": "pinned",
        "decide": Decide.POINT,
        "fail_on_violation": "code 1",
        "history": f"the last {KEEP_RUNS} runs",
        "seed": str(plan.seed),
        "environment": f"$ENVIRONMENT, else {DEFAULT_ENVIRONMENT}",
        "config": "./loadgen.yml when it is there",
    }


run_option = SectionOption(section=LoadTest, defaults=_defaults(), fields=_FIELDS)
"""An option of the section load_test."""


def config_option(panel: str) -> Any:  # noqa: ANN401 - typer's own type is private
    """Names the config file."""
    return run_option("config", "FILE", panel, text="File with values for all of these.")


def no_config_option(panel: str) -> Any:  # noqa: ANN401 - likewise
    """Leaves the config file that lies here alone."""
    return run_option("no_config", "", panel, text="Do not read ./loadgen.yml.")


def environment_option(panel: str) -> Any:  # noqa: ANN401 - likewise
    """Chooses an environment of the config file."""
    text = "Which environment of the file."
    return run_option("environment", "NAME", panel, "--environment", "-e", text=text)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What was typed. None: nothing; values are texts, read by the models."""

    url: Annotated[
        str | None,
        typer.Argument(metavar="URL", help="The target, as --target.", show_default=False),
    ] = None
    target: Annotated[str | None, run_option("target", "URL", WHERE)] = None
    concurrency: Annotated[
        str | None, run_option("concurrency", "N", WHERE, "--concurrency", "-c")
    ] = None
    duration: Annotated[str | None, run_option("duration", "TIME", WHERE, "--duration", "-d")] = (
        None
    )
    warmup: Annotated[str | None, run_option("warmup", "TIME", WHERE)] = None
    pattern: Annotated[str | None, run_option("pattern", "NAME", WHERE, "--pattern", "-p")] = None
    stop_when_dead: Annotated[str | None, run_option("stop_when_dead", "TIME", WHERE)] = None
    config: Annotated[str | None, config_option(WHERE)] = None
    no_config: Annotated[bool, no_config_option(WHERE)] = False
    environment: Annotated[str | None, environment_option(WHERE)] = None

    think: Annotated[str | None, run_option("think", "TIME..TIME", PATTERNS)] = None
    burst_size: Annotated[str | None, run_option("burst_size", "N", PATTERNS)] = None
    pause: Annotated[str | None, run_option("pause", "TIME..TIME", PATTERNS)] = None
    ramp: Annotated[str | None, run_option("ramp", "TIME", PATTERNS)] = None
    rate: Annotated[str | None, run_option("rate", "N", PATTERNS, "--rate", "-r")] = None
    arrivals: Annotated[str | None, run_option("arrivals", "uniform|poisson", PATTERNS)] = None
    connections: Annotated[str | None, run_option("connections", "N", PATTERNS)] = None
    stages: Annotated[str | None, run_option("stages", "TIME:LEVEL,...", PATTERNS)] = None
    stages_of: Annotated[str | None, run_option("stages_of", "users|rate", PATTERNS)] = None

    method: Annotated[str | None, run_option("method", "METHOD", REQUEST, "--method", "-X")] = None
    header: Annotated[
        list[str] | None, run_option("headers", "'NAME: VALUE'", REQUEST, "--header", "-H")
    ] = None
    body: Annotated[str | None, run_option("body", "TEXT", REQUEST)] = None
    body_file: Annotated[str | None, run_option("body_file", "FILE", REQUEST)] = None
    json_body: Annotated[str | None, run_option("json_body", "JSON", REQUEST)] = None
    form: Annotated[list[str] | None, run_option("form", "NAME=VALUE", REQUEST, "--form", "-F")] = (
        None
    )
    auth: Annotated[str | None, run_option("auth", "KIND:SECRET", REQUEST)] = None
    user_agent: Annotated[str | None, run_option("user_agent", "TEXT", REQUEST)] = None
    expect_status: Annotated[str | None, run_option("expect_status", "LIST", REQUEST)] = None
    expect_body: Annotated[str | None, run_option("expect_body", "TEXT", REQUEST)] = None
    follow: Annotated[str | None, run_option("follow", "N", REQUEST)] = None
    timeout: Annotated[str | None, run_option("timeout", "TIME", REQUEST)] = None
    connect_timeout: Annotated[str | None, run_option("connect_timeout", "TIME", REQUEST)] = None
    seed: Annotated[str | None, run_option("seed", "N", REQUEST)] = None

    resolve: Annotated[list[str] | None, run_option("resolve", "HOST:PORT:ADDR", CONNECTION)] = None
    local_address: Annotated[list[str] | None, run_option("local_address", "ADDR", CONNECTION)] = (
        None
    )
    keepalive: Annotated[
        bool | None, run_option("keepalive", "", CONNECTION, "--keepalive/--no-keepalive")
    ] = None
    cacert: Annotated[str | None, run_option("cacert", "FILE", CONNECTION)] = None
    cert: Annotated[str | None, run_option("cert", "FILE", CONNECTION)] = None
    key: Annotated[str | None, run_option("key", "FILE", CONNECTION)] = None
    insecure: Annotated[bool, run_option("insecure", "", CONNECTION, "--insecure", "-k")] = False
    tls_min: Annotated[str | None, run_option("tls_min", "1.2|1.3", CONNECTION)] = None
    tls_ciphers: Annotated[str | None, run_option("tls_ciphers", "NAMES", CONNECTION)] = None
    tls_resume: Annotated[
        bool | None, run_option("tls_resume", "", CONNECTION, "--tls-resume/--no-tls-resume")
    ] = None

    workers: Annotated[str | None, run_option("workers", "N", MACHINE, "--workers", "-w")] = None
    pin: Annotated[bool | None, run_option("pin", "", MACHINE, "--pin/--no-pin")] = None
    precision: Annotated[str | None, run_option("precision", "exact|cpu|busy", MACHINE)] = None

    objective: Annotated[
        list[str] | None,
        run_option(
            "objective",
            "TEXT",
            GATE,
            text="What must hold, such as 'p99 of /api/orders < 250ms'; may be repeated.",
        ),
    ] = None
    decide: Annotated[str | None, run_option("decide", "point|confident", GATE)] = None
    abort_on_violation: Annotated[bool, run_option("abort_on_violation", "", GATE)] = False
    stop_when_decided: Annotated[bool, run_option("stop_when_decided", "", GATE)] = False
    stop_when_decided_after: Annotated[
        str | None, run_option("stop_when_decided_after", "TIME", GATE)
    ] = None
    fail_on_violation: Annotated[
        bool | None,
        run_option("fail_on_violation", "", GATE, "--fail-on-violation/--no-fail-on-violation"),
    ] = None
    rollback_command: Annotated[str | None, run_option("rollback_command", "COMMAND", GATE)] = None
    auto_rollback_on_loadfail: Annotated[
        bool, run_option("auto_rollback_on_loadfail", "", GATE)
    ] = False
    deployment: Annotated[str | None, run_option("deployment", "NAME", GATE)] = None
    namespace: Annotated[str | None, run_option("namespace", "NAME", GATE)] = None
    baseline: Annotated[str | None, run_option("baseline", "RUN", GATE)] = None
    history: Annotated[bool | None, run_option("history", "", GATE, "--history/--no-history")] = (
        None
    )

    output: Annotated[str | None, run_option("output", "FILE", OUTPUT, "--output", "-o")] = None
    json: Annotated[str | None, run_option("json", "FILE", OUTPUT)] = None
    html: Annotated[str | None, run_option("html", "FILE", OUTPUT)] = None
    csv: Annotated[str | None, run_option("csv", "FILE", OUTPUT)] = None
    hlog: Annotated[str | None, run_option("hlog", "FILE", OUTPUT)] = None
    samples: Annotated[str | None, run_option("samples", "FILE", OUTPUT)] = None
    junit: Annotated[str | None, run_option("junit", "FILE", OUTPUT)] = None
    deployment_report: Annotated[str | None, run_option("deployment_report", "FILE", OUTPUT)] = None
    no_deployment_report: Annotated[
        bool, run_option("no_deployment_report", "", OUTPUT, text="Append the results to no file.")
    ] = False
    github_output: Annotated[bool, run_option("github_output", "", OUTPUT)] = False
    push: Annotated[str | None, run_option("push", "URL", OUTPUT)] = None
    watch_pid: Annotated[str | None, run_option("watch_pid", "PID", OUTPUT)] = None
    quiet: Annotated[bool, run_option("quiet", "", OUTPUT, "--quiet", "-q")] = False
    verbose: Annotated[bool, run_option("verbose", "", OUTPUT, "--verbose", "-v")] = False

    def flags(self) -> Flags:
        """The options by the keys of load_test.

        Raises:
            ConfigError: the target was given twice.
        """
        if self.url is not None and self.target is not None:
            raise ConfigError("URL: found with --target, expected one of them")
        if self.config is not None and self.no_config:
            raise ConfigError("--config: found with --no-config, expected one of them")
        if self.deployment_report is not None and self.no_deployment_report:
            raise ConfigError(
                "--deployment-report: found with --no-deployment-report, expected one of them"
            )
        values = {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name not in _APART
        }
        values |= {"target": self.target or self.url, "headers": self.header}
        names = {"headers": "--header", **{key: f"--no-{key}" for key in ("pin", "keepalive")}}
        if self.url is not None:
            names["target"] = "URL"
        given = {key: value for key, value in values.items() if value not in (None, False, [])}
        given |= {key: False for key in _SWITCHES if getattr(self, key) is False}
        if self.no_deployment_report:
            given["deployment_report"] = False
            names["deployment_report"] = "--no-deployment-report"
        return Flags(
            values=given,
            names=names,
            environment=self.environment,
            objectives=tuple(self.objective or ()),
        )


def takes_options(kind: Callable[..., T]) -> Callable[[Callable[[T], None]], Callable[..., None]]:
    """Gives a command that takes a dataclass one parameter per field of it, as typer wants it.

    Args:
        kind: the dataclass; its fields are annotated with their options.
    """

    def decorate(command: Callable[[T], None]) -> Callable[..., None]:
        @functools.wraps(command)
        def call(**values: Any) -> None:  # noqa: ANN401 - typer checks them by the signature below
            command(kind(**values))

        call.__annotations__ = {}
        call.__signature__ = inspect.signature(kind, eval_str=True)  # type: ignore[attr-defined]  # read by inspect
        return call

    return decorate


def takes_run_options(command: Callable[[RunOptions], None]) -> Callable[..., None]:
    """Gives a command that takes RunOptions one parameter per option."""
    return takes_options(RunOptions)(command)
