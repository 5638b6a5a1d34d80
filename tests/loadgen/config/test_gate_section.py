"""The sections about the gate: what is read, and what is refused. Their meaning: test_gate.py."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from loadgen.config.gate_section import (
    CommandLine,
    HistorySection,
    Objectives,
    RegressionSection,
    RollbackSection,
)

OBJECTIVES: TypeAdapter[Objectives] = TypeAdapter(Objectives)
COMMAND: TypeAdapter[CommandLine] = TypeAdapter(CommandLine)


def test_an_objective_may_stand_alone_or_with_options() -> None:
    both = ["p99 < 250ms", {"objective": "error_rate < 1%", "abort": "yes", "after": "1m"}]
    read = OBJECTIVES.validate_python(both)
    assert read is not None
    alone, optioned = read
    assert (alone.objective, alone.abort, alone.after) == ("p99 < 250ms", None, None)
    assert (optioned.abort, optioned.after) == (True, 60.0)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (None, "found nothing, expected a list of objectives"),
        ([None], "found nothing, expected an objective such as p99 < 250ms"),
        ([{"objective": None}], "found nothing, expected text such as p99 < 250ms"),
        (["p99 <"], "'p99 <', column 6: the text ends here"),
        ([{"objective": "p99 < 1s", "decide": "pointt"}], "did you mean point?"),
    ],
)
def test_what_is_no_objective(written: object, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        OBJECTIVES.validate_python(written)


def test_a_command_is_taken_apart_without_a_shell() -> None:
    assert COMMAND.validate_python("undo 'a b' $HOME *") == ("undo", "a b", "$HOME", "*")
    with pytest.raises(ValidationError, match="expected a command and its arguments"):
        COMMAND.validate_python(["undo"])


def test_defaults() -> None:
    rollback = RollbackSection.model_validate({})
    assert (rollback.command, rollback.timeout, rollback.retries, rollback.auto) == (
        *(None, 60.0),
        *(2, False),
    )
    assert HistorySection.model_validate({}).keep == 20
    assert RegressionSection.model_validate({}).margin == 5.0


@pytest.mark.parametrize(("written", "percent"), [("5%", 5.0), ("2.5", 2.5), ("10 %", 10.0)])
def test_a_margin(written: str, percent: float) -> None:
    assert RegressionSection.model_validate({"margin": written}).margin == percent


def test_a_margin_that_is_none() -> None:
    with pytest.raises(ValidationError, match="found nothing, expected a percentage such as 5%"):
        RegressionSection.model_validate({"margin": None})
