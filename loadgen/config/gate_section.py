"""`objectives:`, `rollback:`, `history:` and `regression:` of loadgen.yml. Pure."""

from __future__ import annotations

import shlex
from typing import Annotated

from pydantic import BeforeValidator, Field

from loadgen import units
from loadgen.config import fields as field
from loadgen.config.section import Section
from loadgen.rollback import RETRIES, TIMEOUT_S
from slo.grammar import GrammarError, parse
from slo.objective import Decide

__all__ = [
    "KEEP_RUNS",
    "MARGIN_PERCENT",
    "CommandLine",
    "HistorySection",
    "ObjectiveSection",
    "ObjectiveText",
    "Objectives",
    "RegressionSection",
    "RollbackSection",
    "parse_margin",
]

KEEP_RUNS = 20
MOST_KEPT_RUNS = 100_000
MARGIN_PERCENT = 5.0
MOST_SAMPLES = 10**12
LONGEST_AFTER_S = 30 * 86_400.0
LONGEST_TIMEOUT_S = 3_600.0


def _objective() -> BeforeValidator:
    """Text of an objective, found right; it is read again where its defaults are known."""

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise ValueError(f"found {field.describe(value)}, expected text such as p99 < 250ms")
        try:
            parse(value)
        except GrammarError as error:
            raise ValueError(f"{error.source!r}, {error}") from None
        return value

    return BeforeValidator(read, json_schema_input_type=str)


def _command_line() -> BeforeValidator:
    """A command as one text, taken apart as a shell would, and run without one."""

    def read(value: object) -> tuple[str, ...]:
        if not isinstance(value, str):
            raise ValueError(f"found {field.describe(value)}, expected a command and its arguments")
        try:
            return tuple(shlex.split(value))
        except ValueError as error:
            raise ValueError(
                f"found {value!r}, expected a command and its arguments as in a shell "
                f"({str(error).lower()})"
            ) from None

    return BeforeValidator(read, json_schema_input_type=str)


def parse_margin(value: object) -> float:
    """A number of percent, with its sign or without.

    Raises:
        ValueError: it is none, or out of range.
    """
    if not isinstance(value, str):
        raise ValueError(f"found {field.describe(value)}, expected a percentage such as 5%")
    return units.parse_number(value.strip().removesuffix("%"), low=0.01, high=1_000)


ObjectiveText = Annotated[str, _objective()]
CommandLine = Annotated[tuple[str, ...], _command_line()]


class ObjectiveSection(Section):
    """One objective with its options; they may also stand in the text, after commas."""

    objective: ObjectiveText = Field(
        description="What must hold, such as 'p99 of /api/orders < 250ms within 30s'."
    )
    abort: Annotated[bool | None, field.switch()] = Field(
        default=None, description="A violation ends the run."
    )
    after: Annotated[float | None, field.duration(0, LONGEST_AFTER_S)] = Field(
        default=None, description="The start of the measured time that does not count."
    )
    min_samples: Annotated[int | None, field.whole(0, MOST_SAMPLES)] = Field(
        default=None, description="Fewer requests give no verdict."
    )
    decide: Annotated[Decide | None, field.choice(Decide)] = Field(
        default=None, description="point: the value decides. confident: its whole interval must."
    )


def _text_alone(value: object) -> object:
    if value is None:
        raise ValueError("found nothing, expected an objective such as p99 < 250ms")
    return {"objective": value} if isinstance(value, str) else value


Objectives = Annotated[
    list[
        Annotated[
            ObjectiveSection,
            BeforeValidator(_text_alone, json_schema_input_type=str | ObjectiveSection),
        ]
    ]
    | None,
    field.given("a list of objectives", list[str | ObjectiveSection]),
]


class RollbackSection(Section):
    """How a deployment is taken back."""

    command: Annotated[
        list[Annotated[str, field.text()]] | None, field.given("a list of arguments", list[str])
    ] = Field(
        default=None,
        description="Program and arguments, run without a shell; {deployment}, {namespace}, "
        "{run_id} and {violations} are filled in.",
    )
    timeout: Annotated[float, field.duration(0.1, LONGEST_TIMEOUT_S)] = Field(
        default=TIMEOUT_S, description="For each attempt."
    )
    retries: Annotated[int, field.whole(0, 100)] = Field(
        default=RETRIES, description="Attempts after the first one."
    )
    auto: Annotated[bool, field.switch()] = Field(
        default=False,
        description="A run that fails rolls back; without, only with --auto-rollback-on-loadfail.",
    )


class HistorySection(Section):
    """The runs that are kept in .loadgen/runs."""

    keep: Annotated[int, field.whole(0, MOST_KEPT_RUNS)] = Field(
        default=KEEP_RUNS, description="How many; the oldest ones go. 0 keeps none."
    )


class RegressionSection(Section):
    """What a comparison with a baseline takes for a change."""

    margin: Annotated[float, BeforeValidator(parse_margin, json_schema_input_type=float | str)] = (
        Field(
            default=MARGIN_PERCENT,
            description="By how much a percentile may change and still be the same, in percent.",
        )
    )
