"""One run from the command line: settings, the run, what is told of it, the exit code."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from loadgen import display
from loadgen.aftermath import after_rollback, beside
from loadgen.cli.console import lasting, open_console, print_line, warn
from loadgen.cli.keeping import find_baseline, keep, require_program
from loadgen.cli.options import RunOptions
from loadgen.cli.outputs import find_outputs, find_sample_file, write_outputs
from loadgen.cli.preface import preface
from loadgen.cli.result_files import Output, file_names, report_name, to_stdout
from loadgen.config.file import ConfigFile, find_config, read_config
from loadgen.config.layers import Layer
from loadgen.config.load_test_section import LoadTest
from loadgen.config.settings import Flags, Settings, combine, flags_layer
from loadgen.coordinator import LoadTestEngine
from loadgen.errors import ConfigError
from loadgen.exitcode import ExitCode, exit_code
from loadgen.itinerary import find_itinerary
from loadgen.publish.github_actions import tell_github
from loadgen.publish.publisher import Publisher
from loadgen.report import terminal
from loadgen.watch.choose import choose_source
from loadgen.watch.sampler import Sampler

if TYPE_CHECKING:
    from loadgen.config.outlets import Outlets
    from loadgen.measurement import Measurement

__all__ = ["carry_out", "config_file", "find_outlets", "gather"]

NOBODY = Layer(values=LoadTest(), place=str)


def gather(
    options: RunOptions,
    environ: Mapping[str, str],
    *,
    command: Mapping[str, str] | None = None,
    file: ConfigFile | None = None,
) -> Settings:
    """Reads the config file and the options, and lays them over each other.

    Args:
        options: what was typed.
        environ: the process's environment.
        command: values that the command itself gives, by the keys of load_test.
        file: the config file when it was read already.

    Raises:
        ConfigError: every mistake of the file and of the options at once.
    """
    problems: list[str] = []
    flags = Flags(values={}, names={})
    layer = NOBODY
    with _collecting(problems):
        file = file or config_file(options, environ)
    with _collecting(problems):
        flags = options.flags()
        layer = flags_layer(flags, lambda name: Path(name).read_bytes(), environ)
    if problems:
        raise ConfigError(*problems)
    return combine(
        file,
        layer,
        environ,
        environment=flags.environment,
        objectives=flags.objectives,
        command=command,
    )


def carry_out(settings: Settings, *, plain: bool = False) -> ExitCode:
    """Runs the plan, writes and shows what came of it.

    Args:
        settings: from `gather`.
        plain: lines instead of a live display.

    Returns:
        The exit code that the measurement deserves.

    Raises:
        LoadgenError: the run could not begin.
    """
    outputs = find_outputs(settings)
    gate = settings.gate
    require_program(gate.rollback)
    baseline = find_baseline(gate.baseline, settings.plan)
    console = open_console(quiet=settings.quiet, on_stderr=to_stdout(outputs))
    logging.basicConfig(level=settings.log_level, stream=sys.stderr)
    itinerary = find_itinerary(settings.plan)
    for line in preface(settings, itinerary):
        print_line(console, line)
    if gate.baseline:
        found = baseline.run.id if baseline else f"none yet that could be {gate.baseline}"
        print_line(console, f"Baseline: {found}")
    publisher, sampler = find_outlets(settings.outlets)
    samples = find_sample_file(outputs)
    plain = plain or settings.log_level == "DEBUG"
    with display.choose(settings.plan, console=console, quiet=settings.quiet, plain=plain) as shown:
        measurement = LoadTestEngine(
            settings.plan,
            itinerary=itinerary,
            gate=gate.options,
            on_progress=lasting(shown.update, console),
            on_interim=publisher.interim,
            on_samples=samples.keep if samples else None,
            sampler=sampler,
        ).run()
    if baseline:
        measurement = beside(measurement, baseline, gate.margin)
    if gate.rollback:
        measurement = after_rollback(measurement, gate.rollback, secrets=settings.plan.secrets)
    written = write_outputs(outputs, measurement)
    if samples and samples.lost:
        warn(f"{samples.name}: {samples.lost:,} samples are missing, as they came too fast")
    console.print(terminal.render(measurement))
    for name in file_names(outputs).values() if written else ():
        print_line(console, f"Written: {name}")
    if gate.keep_runs:
        keep(measurement, gate.keep_runs)
    publisher.finish(measurement)
    _tell_github(settings, outputs, measurement, console)
    code = exit_code(measurement, fail_on_violation=gate.options.fail_on_violation)
    return code if written else ExitCode(code or ExitCode.NOT_DONE)


def config_file(options: RunOptions, environ: Mapping[str, str]) -> ConfigFile | None:
    """Reads the config file that was named, or ./loadgen.yml when it is there.

    Args:
        options: what was typed.
        environ: the process's environment.

    Raises:
        ConfigError: every mistake of the file at once.
    """
    path = Path(options.config) if options.config is not None else None
    if path is None and not options.no_config:
        path = find_config(Path())
    if path is None:
        return None
    environment = options.environment or environ.get("ENVIRONMENT", "")
    return read_config(path, environ, environment=environment)


def find_outlets(outlets: Outlets) -> tuple[Publisher, Sampler]:
    """Who tells of the run and who watches beside it; what fails there is a warning."""
    publisher = Publisher(push=outlets.push, slack=outlets.slack, link=outlets.link, warn=warn)
    return publisher, Sampler(choose_source(outlets.watch), warn=warn)


def _tell_github(
    settings: Settings,
    outputs: Sequence[Output[Measurement]],
    measurement: Measurement,
    console: Console,
) -> None:
    tell_github(
        settings.outlets.github,
        measurement,
        link=settings.outlets.link,
        report=report_name(outputs),
        say=partial(print_line, console),
        warn=warn,
    )


@contextmanager
def _collecting(problems: list[str]) -> Iterator[None]:
    """Keeps a ConfigError's problems, so that the next step can add its own."""
    try:
        yield
    except ConfigError as error:
        problems.extend(error.problems)
