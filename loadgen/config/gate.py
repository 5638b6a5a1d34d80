"""What a run is held against and what follows from its verdict: options over file. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from loadgen.config.gate_section import (
    KEEP_RUNS,
    HistorySection,
    ObjectiveSection,
    RegressionSection,
    RollbackSection,
)
from loadgen.judging import GateOptions
from loadgen.rollback import RollbackOptions, command_problems
from slo.compare import Margin
from slo.grammar import GrammarError, parse, scope_problems
from slo.objective import Decide, Objective
from slo.sequential import PASS_AFTER_S
from slo.thresholds import Thresholds

if TYPE_CHECKING:
    from loadgen.config.file import ConfigFile
    from loadgen.config.load_test_section import LoadTest
    from loadgen.config.threshold_section import Thresholds as ThresholdsSection

__all__ = ["GateSettings", "Placed", "find_gate", "find_objectives", "unknown_endpoints"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """The gate of a run.

    Attributes:
        options: what it is held against.
        rollback: None without a command.
        baseline: what it is compared with: a file, a run, "last" or "best"; "" with nothing.
        margin: what is still the same.
        keep_runs: how many runs the history keeps; 0 keeps none, not even this one.
    """

    options: GateOptions = field(default_factory=GateOptions)
    rollback: RollbackOptions | None = None
    baseline: str = ""
    margin: Margin = field(default_factory=Margin)
    keep_runs: int = KEEP_RUNS


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An objective and where it was written, for messages; "" for a threshold."""

    place: str
    objective: Objective


def find_objectives(
    values: LoadTest, file: ConfigFile | None, environment: str, texts: Sequence[str]
) -> tuple[list[Placed], list[str]]:
    """All objectives of a run: thresholds, those of the file, those of --objective.

    Args:
        values: of load_test, options included.
        file: the config file, when there is one.
        environment: which of its environments holds.
        texts: of --objective, in order.

    Returns:
        The objectives, and what is wrong with the texts.
    """
    decide = values.decide or Decide.POINT
    found = [
        Placed(place="", objective=objective)
        for objective in _thresholds(file, environment).objectives(decide=decide)
    ]
    found += _of_file(file, environment, decide)
    problems: list[str] = []
    for text in texts:
        try:
            found.append(Placed(place="--objective", objective=parse(text, decide=decide)))
        except GrammarError as error:
            problems.append(f"--objective: {text!r}, {error}")
    return found, problems


def find_gate(
    values: LoadTest, file: ConfigFile | None, objectives: Sequence[Placed]
) -> tuple[GateSettings, list[str]]:
    """The gate, and what is wrong with its parts.

    Args:
        values: of load_test, options included.
        file: the config file, when there is one.
        objectives: from `find_objectives`.
    """
    config = file.config if file else None
    history = (config.history if config else None) or HistorySection()
    regression = (config.regression if config else None) or RegressionSection()
    rollback, problems = _rollback(values, file)
    abort = bool(values.abort_on_violation)
    pass_after_s, stop = values.stop_when_decided_after, values.stop_when_decided
    return GateSettings(
        options=GateOptions(
            objectives=tuple(
                dataclasses.replace(placed.objective, abort=placed.objective.abort or abort)
                for placed in objectives
            ),
            stop_when_decided=pass_after_s is not None if stop is None else stop,
            pass_after_s=PASS_AFTER_S if pass_after_s is None else pass_after_s,
            fail_on_violation=values.fail_on_violation is not False,
        ),
        rollback=rollback,
        baseline=values.baseline or "",
        margin=Margin(ratio=regression.margin / 100),
        keep_runs=0 if values.history is False else history.keep,
    ), problems


def unknown_endpoints(objectives: Sequence[Placed], endpoints: Sequence[str]) -> list[str]:
    """One line per objective that is about an endpoint which the plan does not have."""
    return [
        f"{placed.place}: {problem}"
        for placed in objectives
        for problem in scope_problems([placed.objective], endpoints)
    ]


def _thresholds(file: ConfigFile | None, environment: str) -> Thresholds:
    """Those of the file, value by value replaced by those of its environment."""
    if file is None:
        return Thresholds()
    chosen = (file.config.environments or {}).get(environment)
    own = _values(chosen.thresholds if chosen else None)
    return _values(file.config.thresholds).overridden_by(own)


def _values(section: ThresholdsSection | None) -> Thresholds:
    if section is None:
        return Thresholds()
    latency = section.latency
    return Thresholds(
        p50_ms=latency.p50 if latency else None,
        p95_ms=latency.p95 if latency else None,
        p99_ms=latency.p99 if latency else None,
        error_rate_percent=section.error_rate,
        throughput_rps=section.throughput,
    )


def _of_file(file: ConfigFile | None, environment: str, decide: Decide) -> Iterator[Placed]:
    """The environment's list, if it has one, else that of the file."""
    if file is None:
        return
    chosen = (file.config.environments or {}).get(environment)
    own = chosen.objectives if chosen else None
    where = ("objectives",) if own is None else ("environments", environment, "objectives")
    for index, section in enumerate((file.config.objectives if own is None else own) or []):
        yield Placed(place=file.place(*where, index), objective=_objective(section, decide))


def _objective(section: ObjectiveSection, decide: Decide) -> Objective:
    """The objective; options beside the text win over those in it."""
    given = {
        "abort": section.abort,
        "after_s": section.after,
        "min_samples": section.min_samples,
        "decide": section.decide,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    return dataclasses.replace(parse(section.objective, decide=decide), **changes)  # type: ignore[arg-type]  # by name


def _rollback(
    values: LoadTest, file: ConfigFile | None
) -> tuple[RollbackOptions | None, list[str]]:
    section = (file.config.rollback if file else None) or RollbackSection()
    auto = section.auto or bool(values.auto_rollback_on_loadfail)
    command = values.rollback_command
    place = "--rollback-command"
    if command is None and section.command is not None:
        command = tuple(section.command)
        place = file.place("rollback", "command") if file else place
    if command is None:
        if auto:
            return None, [
                "--auto-rollback-on-loadfail: found no command, expected --rollback-command or "
                "rollback.command"
            ]
        return None, []
    options = RollbackOptions(
        command=command,
        auto=auto,
        timeout_s=section.timeout,
        retries=section.retries,
        deployment=values.deployment or "",
        namespace=values.namespace or "",
    )
    return options, [f"{place}: {problem}" for problem in command_problems(options)]
