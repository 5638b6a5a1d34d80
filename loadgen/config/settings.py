"""What a run is made of: file, environment and command line laid over each other. Pure.

Layers from the lowest to the highest: load_test of the file, load_test of its environment,
the command's own values (`smoke`), the options. The highest that gives a value wins.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from loadgen.checks import Checks
from loadgen.config.auth import auth_value
from loadgen.config.contradictions import settle
from loadgen.config.endpoint_section import endpoint_values
from loadgen.config.fields import ReadBody
from loadgen.config.file import DEFAULT_ENVIRONMENT, NO_VARIABLES, ConfigFile
from loadgen.config.gate import GateSettings, find_gate, find_objectives, unknown_endpoints
from loadgen.config.layers import Layer, lay
from loadgen.config.load_test_section import LoadTest
from loadgen.config.outlets import Outlets, find_outlets
from loadgen.config.problems import sentence
from loadgen.config.request_section import body_value, header_pairs
from loadgen.config.suggestion import did_you_mean, one_of
from loadgen.errors import ConfigError
from loadgen.limits import Limits
from loadgen.plan import Plan
from loadgen.tls import TlsOptions

__all__ = ["Flags", "Settings", "combine", "flags_layer"]

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_PLAN_FIELDS = {
    "target": "target",
    "pattern": "pattern",
    "concurrency": "concurrency",
    "duration": "duration_s",
    "warmup": "warmup_s",
    "think": "think_s",
    "burst_size": "burst_size",
    "pause": "pause_s",
    "ramp": "ramp_s",
    "rate": "rate_rps",
    "arrivals": "arrivals",
    "connections": "connections",
    "stages": "stages",
    "stages_of": "stage_unit",
    "method": "method",
    "user_agent": "user_agent",
    "follow": "follow",
    "stop_when_dead": "stop_when_dead_s",
    "timeout": "timeout_s",
    "connect_timeout": "connect_timeout_s",
    "keepalive": "keepalive",
    "workers": "workers",
    "pin": "pin",
    "precision": "precision",
    "seed": "seed",
}
"""Keys of load_test whose value is the plan's as it is, and what the plan calls it."""
_TLS_FIELDS = {
    "cacert": "ca_file",
    "cert": "cert_file",
    "key": "key_file",
    "tls_min": "minimum",
    "tls_ciphers": "ciphers",
    "tls_resume": "resume",
}
"""The same for its `tls`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """The command line, still as text.

    Attributes:
        values: by the keys of load_test; only what was given.
        names: what the user calls each of them, for messages: "--duration".
        environment: of --environment.
        objectives: of --objective, in order.
    """

    values: Mapping[str, object]
    names: Mapping[str, str]
    environment: str | None = None
    objectives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that decides a run and what is told of it.

    Attributes:
        plan: what is sent.
        config_name: the config file; "" without one.
        report_file, result_file, html_file, csv_file, hlog_file, samples_file, junit_file: where
            the Markdown, the JSON, the HTML, the timeline, the response times, the raw samples
            and the test cases go; "-" is standard output, None is nowhere.
        deployment_report: what the results are appended to; "" is nothing, None the default.
        outlets: where else a run is told of, and what is watched beside it.
        log_level: of LOG_LEVELS.
        gate: what it is held against, and what follows.
    """

    plan: Plan
    config_name: str
    report_file: str | None
    result_file: str | None
    html_file: str | None
    csv_file: str | None = None
    hlog_file: str | None = None
    samples_file: str | None = None
    junit_file: str | None = None
    deployment_report: str | None = None
    quiet: bool
    log_level: str
    gate: GateSettings = field(default_factory=GateSettings)
    outlets: Outlets = field(default_factory=Outlets)


def flags_layer(
    flags: Flags, read_body: ReadBody, environ: Mapping[str, str] = NO_VARIABLES
) -> Layer:
    """The options as a layer.

    Args:
        flags: what was typed.
        read_body: reads a file that an option names.
        environ: of the process, for ${NAME} in --auth and --header.

    Raises:
        ConfigError: every option whose value is wrong, one line each.
    """

    def place(key: str) -> str:
        return flags.names.get(key, f"--{key.replace('_', '-')}")

    context = {"read_body": read_body, "argument_environ": environ}
    try:
        values = LoadTest.model_validate(dict(flags.values), context=context)
    except ValidationError as error:
        raise ConfigError(
            *(
                f"{place(str(details['loc'][0]) if details['loc'] else 'body')}: "
                f"{sentence(details, found=details['input'])}"
                for details in error.errors()
            )
        ) from None
    return Layer(values=values, place=place)


def combine(
    file: ConfigFile | None,
    options: Layer,
    environ: Mapping[str, str],
    *,
    environment: str | None = None,
    objectives: Sequence[str] = (),
    command: Mapping[str, str] | None = None,
) -> Settings:
    """Lays everything that was said over each other.

    Args:
        file: the config file, when there is one.
        options: the command line, from `flags_layer`.
        environ: the process's environment: ENVIRONMENT, LOG_LEVEL, and what outlets are named by.
        environment: of --environment.
        objectives: of --objective.
        command: values that the command itself gives, by the keys of load_test, as text.

    Raises:
        ConfigError: values that contradict each other, all at once.
    """
    name, problems = _environment(file, environment, environ)
    layers = lay([*_file_layers(file, name), *_command_layers(command), options])
    settled = settle(layers)
    level, level_problems = _log_level(environ, verbose=bool(settled.values.verbose))
    outlets, outlet_problems = find_outlets(settled.values, file.config if file else None, environ)
    placed, objective_problems = find_objectives(settled.values, file, name, objectives)
    gate, gate_problems = find_gate(settled.values, file, placed)
    problems += [*settled.problems, *level_problems, *outlet_problems]
    problems += [*objective_problems, *gate_problems]
    if options.values.quiet and options.values.verbose:
        problems.append("--quiet: found with --verbose, expected one of them")
    plan = _plan(settled.values, file, name, problems)
    if unknown := unknown_endpoints(placed, [request.label for request in plan.requests]):
        raise ConfigError(*unknown)
    return Settings(
        plan=plan,
        config_name=file.name if file else "",
        report_file=settled.values.output,
        result_file=settled.values.json_file,
        html_file=settled.values.html,
        csv_file=settled.values.csv,
        hlog_file=settled.values.hlog,
        samples_file=settled.values.samples,
        junit_file=settled.values.junit,
        deployment_report=settled.values.deployment_report,
        quiet=bool(settled.values.quiet),
        log_level=level,
        gate=gate,
        outlets=outlets,
    )


def _environment(
    file: ConfigFile | None, flag: str | None, environ: Mapping[str, str]
) -> tuple[str, list[str]]:
    """The environment's name, and what is wrong with it.

    A name that somebody gave must stand in a file that lists environments: with a
    misspelt one the run would be held against the wrong thresholds.
    """
    given = [("--environment", flag), ("$ENVIRONMENT", environ.get("ENVIRONMENT"))]
    if file and file.config.environment:
        given.append((file.place("environment"), file.config.environment))
    place, name = next(((place, name) for place, name in given if name), ("", DEFAULT_ENVIRONMENT))
    known = file.config.environments if file else None
    if file and known and place and name not in known:
        where = f"one of {file.name}, {one_of(known)}"
        return name, [f"{place}: found {name!r}, expected {where}{did_you_mean(name, known)}"]
    return name, []


def _file_layers(file: ConfigFile | None, environment: str) -> Iterator[Layer]:
    if file is None:
        return
    if file.config.load_test:
        yield Layer(values=file.config.load_test, place=lambda key: file.place("load_test", key))
    chosen = (file.config.environments or {}).get(environment)
    if chosen and chosen.load_test:
        yield Layer(
            values=chosen.load_test,
            place=lambda key: file.place("environments", environment, "load_test", key),
        )


def _command_layers(values: Mapping[str, str] | None) -> Iterator[Layer]:
    if values:
        yield Layer(values=LoadTest.model_validate(values), place=lambda key: f"its {key}")


def _log_level(environ: Mapping[str, str], *, verbose: bool) -> tuple[str, list[str]]:
    level = environ.get("LOG_LEVEL", "").upper()
    if level and level not in LOG_LEVELS:
        wanted = f"{one_of(LOG_LEVELS)}{did_you_mean(level, LOG_LEVELS)}"
        return "WARNING", [f"$LOG_LEVEL: found {level!r}, expected {wanted}"]
    return ("DEBUG" if verbose else level or "WARNING"), []


def _plan(
    values: LoadTest, file: ConfigFile | None, environment: str, problems: Sequence[str]
) -> Plan:
    """The plan, or every mistake: those that were found already, and the plan's own."""
    changes = _given(values, _PLAN_FIELDS)
    body, content_type = body_value(values)
    try:
        plan = dataclasses.replace(
            Plan(),
            **changes,
            environment=environment,
            tls=TlsOptions(verify=not values.insecure, **_given(values, _TLS_FIELDS)),
            headers=header_pairs(values.headers),
            body=body,
            content_type=content_type,
            checks=_checks(values),
            auth=auth_value(values.auth),
            resolve=tuple(values.resolve or ()),
            local_addresses=tuple(values.local_address or ()),
            **_guards(file),
            endpoints=endpoint_values(values.endpoints),
        )
    except ConfigError as error:
        raise ConfigError(*problems, *error.problems) from None
    if problems:
        raise ConfigError(*problems)
    return plan


def _checks(values: LoadTest) -> Checks:
    body = values.expect_body
    return Checks(
        statuses=values.expect_status or (), body_contains=(body.encode(),) if body else ()
    )


def _guards(file: ConfigFile | None) -> dict[str, Any]:
    """What the file does not allow, whatever anybody else says."""
    if file is None:
        return {}
    targets, limits = file.config.targets, file.config.limits
    return {
        "allow": targets.allow_list(f"targets.allow of {file.name}") if targets else None,
        "limits": limits.limits() if limits else Limits(),
    }


def _given(values: LoadTest, fields: Mapping[str, str]) -> dict[str, Any]:
    """The values that somebody gave, by the fields that they are for."""
    return {
        field: getattr(values, key)
        for key, field in fields.items()
        if getattr(values, key) is not None
    }
