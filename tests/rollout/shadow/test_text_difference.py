"""Texts held together: which lines are shown."""

from __future__ import annotations

import pytest

from rollout.shadow.text_difference import text_differences
from tests.rollout.shadow.ruled import rules


@pytest.mark.parametrize(
    ("production", "canary", "expected"),
    [
        ("a\nb\nc", "a\nB\nc", ("b", "B", "value")),
        ("a\nb\nc", "a\nc", ("b", "", "missing in the canary")),
        ("a\nc", "a\nb\nc", ("", "b", "only in the canary")),
        ("a\nb\nc\nd", "a\nx\ny\nd", ("b\nc", "x\ny", "value")),
        ("a\nb\n1\n2", "a\nB\n1\n3", ("b", "B", "value")),
        ("a\n", "a\r\n", ("", "", "value")),
    ],
)
def test_the_first_change(production: str, canary: str, expected: tuple[str, str, str]) -> None:
    [found] = text_differences(production, canary, rules())
    assert (found.production, found.canary, found.kind) == expected


def test_what_is_ignored_does_not_differ() -> None:
    with_rule = rules("ignore: {regex: 'rendered at \\S+'}")
    assert text_differences("rendered at 12:00 ", "rendered at 13:17 ", with_rule) == ()
    assert text_differences("same", "same", rules()) == ()


def test_long_texts_are_compared_fast() -> None:
    """A diff of 100,000 lines with all others would take minutes; the timeout would tell."""
    first = "\n".join(f"{i} x" for i in range(100_000))
    second = "\n".join(f"{i} y" for i in range(100_000))
    [found] = text_differences(first, second, rules())
    assert str(found.production).startswith("0 x\n1 x\n")
