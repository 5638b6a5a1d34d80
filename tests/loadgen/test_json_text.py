"""The text of result files: how numbers and blocks are written."""

from __future__ import annotations

import json
import math

import pytest

from loadgen.json_text import Json, digits, interval_ends, json_text
from slo.interval import Interval


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1.234567, 1.2346), (0.000123456, 0.00012346), (123456.7, 123457.0), (None, None)],
    ids=["five digits", "of small ones too", "whole beyond them", "nothing stays nothing"],
)
def test_digits(value: float | None, expected: float | None) -> None:
    assert digits(value) == expected


def test_an_end_that_is_not_bounded_is_null() -> None:
    assert interval_ends(Interval(low=1.0, high=math.inf, confidence=0.95)) == [1.0, None]
    assert interval_ends(None) is None


def test_a_row_of_a_table_is_a_line() -> None:
    value: Json = {"rows": [{"t": 1, "of": [1, 2]}, {"t": 2, "of": []}], "plain": {"a": 1}}
    text = json_text(value, tables={"rows"})
    assert json.loads(text) == value
    assert text == (
        "{\n"
        '  "rows": [\n'
        '    {"t": 1, "of": [1, 2]},\n'
        '    {"t": 2, "of": []}\n'
        "  ],\n"
        '  "plain": {"a": 1}\n'
        "}\n"
    )


def test_what_json_has_no_word_for_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text({"a": math.nan})
