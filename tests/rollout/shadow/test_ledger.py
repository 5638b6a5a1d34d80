"""Pairs counted by endpoint and field, and the memory that this takes."""

from __future__ import annotations

import pytest

from rollout.shadow.difference import Kind
from rollout.shadow.ledger import (
    MOST_ENDPOINTS,
    MOST_FIELDS,
    MOST_SIGNATURES,
    OTHER_ENDPOINTS,
    OTHER_FIELD,
    Field,
)
from rollout.shadow.pair import Exchange
from rollout.shadow.result import Example, Part
from tests.rollout.shadow.pairs import REFUSED, answer, ledger, pair

NAME = Field(Part.JSON, "$.name", Kind.VALUE)
TIME = Field(Part.JSON, "$.time", Kind.VALUE)


def test_pairs_are_counted_by_endpoint_and_field() -> None:
    book = ledger()
    for number in range(5):
        user = {"name": "Ada", "time": 1}
        book.put(pair(answer(user), answer({**user, "name": "Eve"}), target=f"/users/{number}"))
    book.put(pair(answer({}), answer({}), target="/orders?page=2"))
    assert book.pairs == 6
    assert list(book.endpoints) == ["GET /users/{id}", "GET /orders"]
    users = book.endpoints["GET /users/{id}"]
    assert users.fields.keys() == {NAME}
    assert (users.fields[NAME].canary, users.fields[NAME].canary_alone) == (5, 5)
    assert users.fields[NAME].examples == [
        Example(request=f"GET /users/{number}", production='"Ada"', canary='"Eve"')
        for number in range(3)
    ]
    assert users.signatures == {frozenset({NAME}): 5}
    assert users.latency.result().n == 5


def test_the_baseline_is_counted_beside_the_canary() -> None:
    book = ledger()
    book.put(pair(answer({"time": 1}), answer({"time": 2}), answer({"time": 3})))
    book.put(pair(answer({"time": 1}), answer({"time": 2}), answer({"time": 1})))
    book.put(pair(answer({"time": 1}), answer({"time": 1}), answer({"time": 2})))
    endpoint = book.endpoints["GET /users/{id}"]
    counts = endpoint.fields[TIME]
    assert (counts.canary, counts.canary_alone, counts.baseline_alone) == (2, 1, 1)
    assert endpoint.signatures == {frozenset({TIME}): 1}
    assert book.has_baseline
    assert book.baseline_unlike == 0


def test_an_answer_that_is_missing() -> None:
    book = ledger()
    book.put(pair(REFUSED, answer()))
    book.put(pair(answer(), REFUSED, REFUSED))
    book.put(pair(answer(), answer(status=500), answer(status=503)))
    assert (book.pairs, book.incomparable, book.baseline_unlike) == (2, 1, 2)
    endpoint = book.endpoints["GET /users/{id}"]
    assert {field.part for field in endpoint.fields} == {Part.ANSWER, Part.STATUS}
    assert endpoint.latency.result().n == 1


@pytest.mark.parametrize(
    ("production", "canary", "name"),
    [
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, "$.a[*].b"),
        ({"17": {"b": 1}}, {"17": {"b": 2}}, "$[*].b"),
        ({"ada@example.com": 1}, {"ada@example.com": 2}, "$[*]"),
        ({"a key": 1}, {"a key": 2}, "$['a key']"),
    ],
)
def test_places_have_no_indices_and_identifiers(
    production: object, canary: object, name: str
) -> None:
    book = ledger()
    book.put(pair(answer(production), answer(canary)))
    assert [field.name for field in book.endpoints["GET /users/{id}"].fields] == [name]


def test_examples_are_scrubbed() -> None:
    book = ledger()
    before, after = ({"mail": name, "token": name} for name in ("ada@example.com", "e@example.com"))
    book.put(pair(answer(before), answer(after), target="/a?token=abc&mail=ada@example.com"))
    kept = repr(book.endpoints["GET /a"].fields)
    assert "***" in kept
    assert "abc" not in kept
    assert "example.com" not in kept


def test_memory_is_bounded() -> None:
    book = ledger()
    for number in range(MOST_ENDPOINTS + 10):
        book.put(pair(answer({}), answer({}), target=f"/page-{number:x}z"))
    assert len(book.endpoints) == MOST_ENDPOINTS + 1
    assert book.endpoints[OTHER_ENDPOINTS].pairs == 10

    book = ledger()
    for number in range(MOST_FIELDS + 100):
        book.put(pair(answer({}), answer({f"field_{number:x}z": 1}), target="/a"))
    endpoint = book.endpoints["GET /a"]
    assert len(endpoint.fields) == MOST_FIELDS + 1
    assert endpoint.fields[OTHER_FIELD].canary == 100

    book = ledger()
    for number in range(MOST_SIGNATURES + 24):
        bits = {f"b{bit}": 1 for bit in range(11) if number >> bit & 1} or {"none": 1}
        book.put(pair(answer({}), answer(bits), target="/a"))
    endpoint = book.endpoints["GET /a"]
    assert len(endpoint.signatures) == MOST_SIGNATURES + 1
    assert endpoint.signatures.total() == MOST_SIGNATURES + 24


def test_a_secret_in_a_header_is_not_kept() -> None:
    book = ledger()
    sides = (Exchange(status=200, headers=(("X-Auth-Token", each),)) for each in ("abc", "def"))
    book.put(pair(*sides))
    [counts] = book.endpoints["GET /users/{id}"].fields.values()
    assert counts.examples == [Example(request="GET /users/17", production="***", canary="***")]
