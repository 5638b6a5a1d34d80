"""Paths into JSON: which places they name, and what is said of those that are none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadgen.json_path import JsonPath, JsonPathError, cursor, shown

Document = dict[str, object] | list[object] | str | int
DOCUMENT: Document = {
    "id": 1,
    "ts": 2,
    "items": [{"id": 3, "price": 4}, {"id": 5, "tags": [{"id": 6}]}],
    "a key": {"id": 7},
}


def places(document: Document, *paths: str) -> dict[str, set[int]]:
    """Every place that one of the paths names, and which of them do."""
    found: dict[str, set[int]] = {}
    at = cursor([JsonPath.parse(path) for path in paths])
    todo: list[tuple[object, tuple[str | int, ...], object]] = [(document, (), at)]
    while todo:
        value, steps, here = todo.pop()
        assert isinstance(here, type(at))
        if here.here:
            found[shown(steps)] = set(here.here)
        keyed: list[tuple[str | int, object]] = []
        if isinstance(value, dict):
            keyed = list(value.items())
        elif isinstance(value, list):
            keyed = list(enumerate(value))
        todo += [(child, (*steps, key), here.below(key)) for key, child in keyed]
    return found


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", {"$"}),
        ("$.ts", {"$.ts"}),
        ("$['ts']", {"$.ts"}),
        ('$["a key"].id', {"$['a key'].id"}),
        ("$.items[0].price", {"$.items[0].price"}),
        ("$.items[*].id", {"$.items[0].id", "$.items[1].id"}),
        ("$.items.*.price", {"$.items[0].price"}),
        (
            "$..id",
            {"$.id", "$.items[0].id", "$.items[1].id", "$.items[1].tags[0].id", "$['a key'].id"},
        ),
        ("$..tags..id", {"$.items[1].tags[0].id"}),
        ("$.items..id", {"$.items[0].id", "$.items[1].id", "$.items[1].tags[0].id"}),
        ("$..['a key']", {"$['a key']"}),
        ("$..[1]", {"$.items[1]"}),
        ("$.nothing.here", set()),
        ("$[0]", set()),
    ],
)
def test_places(path: str, expected: set[str]) -> None:
    assert places(DOCUMENT, path).keys() == expected


def test_several_paths_are_told_apart() -> None:
    found = places(DOCUMENT, "$.ts", "$..id", "$.id")
    assert found["$.ts"] == {0}
    assert found["$.id"] == {1, 2}
    assert found["$.items[0].id"] == {1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ts", "found 'ts', expected a path such as $.items[*].price or $..id; it begins with $"),
        ("", "it begins with $"),
        ("$ts", "cannot be read from character 2 ('ts')"),
        ("$.items[", "cannot be read from character 8 ('[')"),
        ("$.items[-1]", "cannot be read from character 8"),
        ("$.", "cannot be read from character 2"),
        ("$..", "cannot be read from character 2"),
        ("$...a", "cannot be read from character 2"),
        ("$.a b", "cannot be read from character 4"),
        ("$.[0]", "cannot be read from character 2"),
        ("$.a[?(@.b)]", "cannot be read from character 4"),
    ],
)
def test_what_is_no_path(text: str, said: str) -> None:
    with pytest.raises(JsonPathError) as caught:
        JsonPath.parse(text)
    assert said in str(caught.value)


@settings(deadline=None)
@given(st.lists(st.text(min_size=1) | st.integers(min_value=0, max_value=99), max_size=5))
def test_what_is_shown_can_be_read(steps: list[str | int]) -> None:
    at = cursor([JsonPath.parse(shown(steps))])
    for step in steps:
        at = at.below(step)
    assert at.here == {0}
