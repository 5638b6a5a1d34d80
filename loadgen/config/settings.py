"""What a run is made of: file, environment and command line laid over each other. Pure.

Layers from the lowest to the highest: load_test of the file, load_test of its environment,
the command's own values (`smoke`), the options. The highest that gives a value wins.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from loadgen.config.contradictions import settle
from loadgen.config.fields import ReadBody
from loadgen.config.file import ConfigFile
from loadgen.config.layers import Layer, lay
from loadgen.config.model import LoadTest, endpoint_values, header_pairs
from loadgen.config.problems import sentence
from loadgen.config.suggestion import did_you_mean, one_of
from loadgen.errors import ConfigError
from loadgen.plan import Plan
from loadgen.tls import TlsOptions

__all__ = ["Flags", "Settings", "combine", "flags_layer"]

DEFAULT_ENVIRONMENT = "staging"
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
    """

    values: Mapping[str, object]
    names: Mapping[str, str]
    environment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that decides a run and what is told of it.

    Attributes:
        plan: what is sent.
        config_name: the config file; "" without one.
        report_file, result_file, html_file: where the Markdown, the JSON and the HTML go; "-"
            is standard output, None is nowhere.
        log_level: of LOG_LEVELS.
        has_thresholds: the file gives thresholds that hold in this environment.
    """

    plan: Plan
    config_name: str
    report_file: str | None
    result_file: str | None
    html_file: str | None
    quiet: bool
    log_level: str
    has_thresholds: bool = False


def flags_layer(flags: Flags, read_body: ReadBody) -> Layer:
    """The options as a layer.

    Raises:
        ConfigError: every option whose value is wrong, one line each.
    """

    def place(key: str) -> str:
        return flags.names.get(key, f"--{key.replace('_', '-')}")

    try:
        values = LoadTest.model_validate(dict(flags.values), context={"read_body": read_body})
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
    command: Mapping[str, str] | None = None,
) -> Settings:
    """Lays everything that was said over each other.

    Args:
        file: the config file, when there is one.
        options: the command line, from `flags_layer`.
        environ: the process's environment: ENVIRONMENT and LOG_LEVEL.
        environment: of --environment.
        command: values that the command itself gives, by the keys of load_test, as text.

    Raises:
        ConfigError: values that contradict each other, all at once.
    """
    name, problems = _environment(file, environment, environ)
    layers = lay([*_file_layers(file, name), *_command_layers(command), options])
    settled = settle(layers)
    level, level_problems = _log_level(environ, verbose=bool(settled.values.verbose))
    problems += [*settled.problems, *level_problems]
    if options.values.quiet and options.values.verbose:
        problems.append("--quiet: found with --verbose, expected one of them")
    return Settings(
        plan=_plan(settled.values, name, problems),
        config_name=file.name if file else "",
        report_file=settled.values.output,
        result_file=settled.values.json_file,
        html_file=settled.values.html,
        quiet=bool(settled.values.quiet),
        log_level=level,
        has_thresholds=_has_thresholds(file, name),
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


def _has_thresholds(file: ConfigFile | None, environment: str) -> bool:
    if file is None:
        return False
    chosen = (file.config.environments or {}).get(environment)
    return bool(file.config.thresholds or (chosen and chosen.thresholds))


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


def _plan(values: LoadTest, environment: str, problems: Sequence[str]) -> Plan:
    """The plan, or every mistake: those that were found already, and the plan's own."""
    changes = _given(values, _PLAN_FIELDS)
    body = values.body.encode() if values.body is not None else values.body_file or b""
    try:
        plan = dataclasses.replace(
            Plan(),
            **changes,
            environment=environment,
            tls=TlsOptions(verify=not values.insecure, **_given(values, _TLS_FIELDS)),
            headers=header_pairs(values.headers),
            body=body,
            endpoints=endpoint_values(values.endpoints),
        )
    except ConfigError as error:
        raise ConfigError(*problems, *error.problems) from None
    if problems:
        raise ConfigError(*problems)
    return plan


def _given(values: LoadTest, fields: Mapping[str, str]) -> dict[str, Any]:
    """The values that somebody gave, by the fields that they are for."""
    return {
        field: getattr(values, key)
        for key, field in fields.items()
        if getattr(values, key) is not None
    }
