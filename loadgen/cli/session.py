"""One run from the command line: settings, the run, what is told of it, the exit code."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import typer
from rich.console import Console

from loadgen import display
from loadgen.aftermath import after_rollback, beside
from loadgen.cli.destination import discard_output
from loadgen.cli.keeping import find_baseline, keep, require_program
from loadgen.cli.lasting import LastingStream
from loadgen.cli.options import RunOptions
from loadgen.cli.outputs import Output, find_outputs, find_sample_file, write_outputs
from loadgen.cli.preface import preface
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
    from loadgen.progress import Progress

__all__ = ["carry_out", "gather"]

NOBODY = Layer(values=LoadTest(), place=str)


def gather(
    options: RunOptions, environ: Mapping[str, str], *, command: Mapping[str, str] | None = None
) -> Settings:
    """Reads the config file and the options, and lays them over each other.

    Args:
        options: what was typed.
        environ: the process's environment.
        command: values that the command itself gives, by the keys of load_test.

    Raises:
        ConfigError: every mistake of the file and of the options at once.
    """
    problems: list[str] = []
    file: ConfigFile | None = None
    flags = Flags(values={}, names={})
    layer = NOBODY
    with _collecting(problems):
        file = _config_file(options, environ)
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
    to_stdout = any(output.place.is_stdout for output in outputs)
    stream = cast("IO[str]", LastingStream(sys.stderr if to_stdout else sys.stdout))
    console = _LastingConsole(file=stream, quiet=settings.quiet, highlight=False)
    logging.basicConfig(level=settings.log_level, stream=sys.stderr)
    itinerary = find_itinerary(settings.plan)
    for line in preface(settings, itinerary):
        console.print(line, markup=False, soft_wrap=True)
    if gate.baseline:
        found = baseline.run.id if baseline else f"none yet that could be {gate.baseline}"
        console.print(f"Baseline: {found}", markup=False, soft_wrap=True)
    publisher, sampler = _outlets(settings.outlets)
    samples = find_sample_file(outputs)
    plain = plain or settings.log_level == "DEBUG"
    with display.choose(settings.plan, console=console, quiet=settings.quiet, plain=plain) as shown:
        measurement = LoadTestEngine(
            settings.plan,
            itinerary=itinerary,
            gate=gate.options,
            on_progress=_lasting(shown.update, console),
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
        _warn(f"{samples.name}: {samples.lost:,} samples are missing, as they came too fast")
    console.print(terminal.render(measurement))
    for output in outputs:
        if written and not output.place.is_stdout:
            console.print(f"Written: {output.place.name}", markup=False, soft_wrap=True)
    if gate.keep_runs:
        keep(measurement, gate.keep_runs)
    publisher.finish(measurement)
    _tell_github(settings, outputs, measurement, console)
    code = exit_code(measurement, fail_on_violation=gate.options.fail_on_violation)
    return code if written else ExitCode(code or ExitCode.NOT_DONE)


def _config_file(options: RunOptions, environ: Mapping[str, str]) -> ConfigFile | None:
    path = Path(options.config) if options.config is not None else None
    if path is None and not options.no_config:
        path = find_config(Path())
    if path is None:
        return None
    environment = options.environment or environ.get("ENVIRONMENT", "")
    return read_config(path, environ, environment=environment)


def _outlets(outlets: Outlets) -> tuple[Publisher, Sampler]:
    """Who tells of the run and who watches beside it; what fails there is a warning."""
    publisher = Publisher(push=outlets.push, slack=outlets.slack, link=outlets.link, warn=_warn)
    return publisher, Sampler(choose_source(outlets.watch), warn=_warn)


def _tell_github(
    settings: Settings, outputs: Sequence[Output], measurement: Measurement, console: Console
) -> None:
    names = {output.option: output.place.name for output in outputs if not output.place.is_stdout}
    tell_github(
        settings.outlets.github,
        measurement,
        link=settings.outlets.link,
        report=names.get("--html") or names.get("--output", ""),
        say=lambda line: console.print(line, markup=False, soft_wrap=True),
        warn=_warn,
    )


def _warn(text: str) -> None:
    typer.echo(f"loadgen: warning: {text}", err=True)


class _LastingConsole(Console):
    """A console whose reader may go (`loadgen run | head -1`) without ending the run."""

    def on_broken_pipe(self) -> None:
        """Goes on in silence; rich would end the program with the code of a violated SLO."""
        self.quiet = True
        discard_output(self.file)


def _lasting(update: Callable[[Progress], None], console: Console) -> Callable[[Progress], None]:
    """The same for a display that writes by itself."""

    def lasting(progress: Progress) -> None:
        try:
            update(progress)
        except BrokenPipeError:
            console.on_broken_pipe()

    return lasting


@contextmanager
def _collecting(problems: list[str]) -> Iterator[None]:
    """Keeps a ConfigError's problems, so that the next step can add its own."""
    try:
        yield
    except ConfigError as error:
        problems.extend(error.problems)
