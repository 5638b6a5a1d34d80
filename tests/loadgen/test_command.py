"""A command of the user's: what is filled in, how it ends; test_rollback.py has it time out."""

from __future__ import annotations

import sys

import pytest

from loadgen.command import CommandEnd, fill, placeholders, run_command

VALUES = {
    "deployment": "shop",
    "namespace": "prod",
    "run_id": "20261124T201351Z-3f2a91",
    "violations": "Error rate 1.2% exceeds threshold 0.5%",
}


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("deployment/{deployment}", "deployment/shop"),
        ("{namespace}{namespace}", "prodprod"),
        ("{violations}", "Error rate 1.2% exceeds threshold 0.5%"),
        ('{"spec": {"replicas": 0}}', '{"spec": {"replicas": 0}}'),
        ("{.items[0]}", "{.items[0]}"),
        ("$HOME; rm -rf *", "$HOME; rm -rf *"),
    ],
)
def test_an_argument_is_filled_in(part: str, expected: str) -> None:
    assert fill(("program", part), VALUES) == ("program", expected)


def test_what_a_placeholder_stands_for_is_not_filled_in_again() -> None:
    assert fill(("{deployment}",), {**VALUES, "deployment": "{run_id}"}) == ("{run_id}",)


def test_each_placeholder_is_named_once() -> None:
    command = ("set", "{namespace}/{deployment}", "{deployment}", '{"spec": 1}')
    assert placeholders(command) == ("namespace", "deployment")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("print(5)", CommandEnd(problem="", output=("5",))),
        ("import sys; sys.exit('no')", CommandEnd(problem="it ended with code 1", output=("no",))),
        (
            "import os; os.kill(os.getpid(), 9)",
            CommandEnd(problem="it was killed by signal 9", output=()),
        ),
    ],
)
def test_how_a_command_ended_is_said(code: str, expected: CommandEnd) -> None:
    assert run_command((sys.executable, "-c", code), timeout_s=20) == expected
