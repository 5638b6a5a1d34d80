"""JSON held together: what is found, and what the rules pass over."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadgen.json_path import shown
from rollout.shadow.json_difference import MOST_DIFFERENCES, json_differences
from tests.rollout.shadow.ruled import rules


def found(production: str, canary: str, section: str = "") -> list[str]:
    """Path and kind of every difference."""
    differences = json_differences(json.loads(production), json.loads(canary), rules(section))
    return [f"{shown(each.steps)}: {each.kind}" for each in differences]


@pytest.mark.parametrize(
    ("production", "canary", "expected"),
    [
        ('{"a": 1}', '{"a": 1}', []),
        ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}', []),
        ("1", "1.0", []),
        ("NaN", "NaN", []),
        ('{"a": 1}', '{"a": 2}', ["$.a: value"]),
        ('{"a": 1}', '{"a": "1"}', ["$.a: type"]),
        ('{"a": 1}', '{"a": true}', ["$.a: type"]),
        ('{"a": null}', '{"a": 0}', ["$.a: type"]),
        ('{"a": true}', '{"a": false}', ["$.a: value"]),
        ('{"a": null}', '{"a": null}', []),
        ('{"a": {}}', '{"a": []}', ["$.a: type"]),
        ('{"a": 1}', "{}", ["$.a: missing in the canary"]),
        ("{}", '{"a": null}', ["$.a: only in the canary"]),
        ("[1, 2]", "[1, 3]", ["$[1]: value"]),
        ("[1, 2]", "[1]", ["$: length"]),
        ("[1, 2]", "[2, 1]", ["$: order"]),
        ('[{"a": 1}, {"a": 2.0}]', '[{"a": 2}, {"a": 1}]', ["$: order"]),
        ('{"a": [{"b": 1}]}', '{"a": [{"b": 2}]}', ["$.a[0].b: value"]),
        ("1", "2", ["$: value"]),
    ],
)
def test_without_rules(production: str, canary: str, expected: list[str]) -> None:
    assert found(production, canary) == expected


@pytest.mark.parametrize(
    ("section", "production", "canary", "expected"),
    [
        ("ignore: {json: $.ts}", '{"ts": 1, "a": 1}', '{"ts": 2, "a": 1}', []),
        ("ignore: {json: $.ts}", '{"ts": 1}', "{}", []),
        ("ignore: {json: $.ts}", "{}", '{"ts": 1}', []),
        ("ignore: {json: $..id}", '[{"id": 1, "x": 1}]', '[{"id": 2, "x": 2}]', ["$[0].x: value"]),
        ("ignore: {json: $}", "[1]", "{}", []),
        ("ignore: {regex: '\\d+ms'}", '{"a": "took 5ms"}', '{"a": "took 17ms"}', []),
        ("tolerance: {$.a: 0.01}", '{"a": 1.0}', '{"a": 1.009}', []),
        ("tolerance: {$.a: 0.01}", '{"a": 1.0}', '{"a": 1.02}', ["$.a: value"]),
        ("tolerance: {$.a: 0.01}", '{"a": 1.0}', '{"a": "1.009"}', ["$.a: type"]),
        ("tolerance: {$.a: 10%}", '{"a": 90}', '{"a": 100}', []),
        ("tolerance: {$.a: 10%}", '{"a": -89}', '{"a": -100}', ["$.a: value"]),
        ("tolerance: {$.a: 10%}", '{"a": 1' + "0" * 400 + "}", '{"a": 1.5}', ["$.a: value"]),
        ("unordered: $", "[1, 2, 2]", "[2, 1, 2]", []),
        ("unordered: $", "[1, 2, 2]", "[2, 1, 1]", ["$[2]: value"]),
        ("unordered: $", "[1, 2]", "[2, 1, 3]", ["$: elements"]),
        ("unordered: $.a", '{"a": [1, 2, 3]}', '{"a": [3, 4, 5]}', ["$.a: elements"]),
        (
            "unordered: $, ignore: {json: '$[*].id'}",
            '[{"id": 1, "x": 1}, {"id": 2, "x": 2}]',
            '[{"id": 3, "x": 2}, {"id": 4, "x": 1}]',
            [],
        ),
        (
            "unordered: $, tolerance: {'$[*]': 0.1}",
            "[1.0, 2.0, 3.0]",
            "[3.05, 1.05, 2.05]",
            [],
        ),
        ("unordered: [$, '$[*]']", "[[1, 2], [3, 4]]", "[[4, 3], [2, 1]]", []),
    ],
)
def test_with_rules(section: str, production: str, canary: str, expected: list[str]) -> None:
    assert found(production, canary, section) == expected


def test_what_is_only_on_one_side_is_shown() -> None:
    [found] = json_differences([1, 2, 3], [3, 4, 5], rules("unordered: $"))
    assert (found.production, found.canary) == ([1, 2], [4, 5])


def test_there_is_a_most() -> None:
    many, others = list(range(1000)), list(range(1, 1001))
    assert len(json_differences(many, others, rules())) == MOST_DIFFERENCES


DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=20,
)


@settings(deadline=None)
@given(DOCUMENTS)
def test_a_document_is_like_itself(document: object) -> None:
    text = json.dumps(document)
    assert found(text, text) == []
    assert found(text, text, "unordered: $..*") == []


@settings(deadline=None)
@given(DOCUMENTS, DOCUMENTS)
def test_both_directions_find_the_same_places(first: object, second: object) -> None:
    one, other = json.dumps(first), json.dumps(second)
    places = {text.partition(":")[0] for text in found(one, other)}
    assert places == {text.partition(":")[0] for text in found(other, one)}
