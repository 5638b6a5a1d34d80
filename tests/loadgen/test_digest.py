"""One digest for one meaning, however it is written."""

from __future__ import annotations

import hashlib

import pytest

from loadgen.digest import digest


def test_it_is_the_hash_of_json_with_sorted_names() -> None:
    text = '{"a": [1, 0.5, "0aff"], "b": {"c": null, "d": true}}'
    parts = {"b": {"d": True, "c": None}, "a": (1.0, 0.5, b"\x0a\xff")}
    assert digest(parts) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({"n": 10}, {"n": 10.0}, id="a whole number"),
        pytest.param({"n": [1]}, {"n": (1.0,)}, id="a sequence"),
        pytest.param({"a": 1, "b": 2}, {"b": 2, "a": 1}, id="the order of names"),
    ],
)
def test_two_ways_to_write_the_same(one: dict[str, object], other: dict[str, object]) -> None:
    assert digest(one) == digest(other)


@pytest.mark.parametrize(
    "other",
    [{"n": 10.5}, {"n": "10"}, {"m": 10}, {"n": [10]}, {"n": None}, {}],
    ids=str,
)
def test_something_else(other: dict[str, object]) -> None:
    assert digest(other) != digest({"n": 10})
