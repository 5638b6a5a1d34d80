"""The kinds of value: what each reads, and in which words it refuses."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import BeforeValidator, TypeAdapter, ValidationError

from loadgen.config import fields as field
from loadgen.plan import Pattern


def _read(validator: object, value: object, context: object = None) -> object:
    return TypeAdapter(Annotated[object, validator]).validate_python(value, context=context)


@pytest.mark.parametrize(
    ("validator", "value", "expected"),
    [
        (field.text(), "1.10", "1.10"),
        (field.whole(1, 10_000), "10k", 10_000),
        (field.number(), "0.05", 0.05),
        (field.rate(0.001, 1e7), "2k/s", 2000.0),
        (field.duration(0, 1e6), "5m", 300.0),
        (field.span(10), "10ms..100ms", (0.01, 0.1)),
        (field.stages(), "0:1,5:2", ((0.0, 1.0), (5.0, 2.0))),
        (field.choice(Pattern), "ramp-up", Pattern.RAMP_UP),
        (field.switch(), "Yes", True),
        (field.switch(), "off", False),
        (field.switch(), False, False),
        (field.file_or_none(), "deploy/report.md", "deploy/report.md"),
        (field.file_or_none(), "No", ""),
        (field.file_or_none(), False, ""),
        (field.file_or_none(), "yes", "yes"),
        (field.target(), " http://localhost:8000 ", "http://localhost:8000"),
        (field.web_url(), " https://me@localhost/x ", "https://me@localhost/x"),
        (field.method(), "PATCH", "PATCH"),
        (field.method(), "purge", "purge"),
        (field.path(), "/a?b=%20", "/a?b=%20"),
        (field.header_name(), "X-Id", "X-Id"),
        (field.header_value(), "a\tb", "a\tb"),
        (field.header_line(), "X-Id: a: b ", ("X-Id", "a: b")),
        (field.given("x", str), {"a": 1}, {"a": 1}),
    ],
)
def test_what_is_read(validator: object, value: object, expected: object) -> None:
    assert _read(validator, value) == expected


@pytest.mark.parametrize(
    ("validator", "value", "message"),
    [
        (field.text(), None, "found nothing, expected text"),
        (field.text("a name"), ["x"], "found a list, expected a name"),
        (field.whole(1, 9), "10", "found '10', expected a whole number from 1 to 9"),
        (field.whole(1, 9), {"a": "b"}, "found a mapping, expected a whole number"),
        (field.number(0, 100), "101", "found '101', expected a number from 0 to 100"),
        (field.web_url(), "localhost:1", "found 'localhost:1', expected http://... or https://..."),
        (field.web_url(secret=True), "word", "found no URL, expected http://... or https://..."),
        (field.rate(1, 9), "0", "found '0', expected a rate per second from 1 to 9"),
        (field.duration(1, 60), "0", "found '0', expected a duration from 1s to 1m"),
        (
            field.choice(Pattern),
            "sustaind",
            "found 'sustaind', expected sustained, burst, ramp-up, rate or stages; "
            "did you mean sustained?",
        ),
        (field.switch(), "maybe", "found 'maybe', expected true or false"),
        (field.file_or_none(), "", "found '', expected the name of a file, or no"),
        (field.file_or_none(), True, "found True, expected the name of a file, or no"),
        (field.switch(), None, "found nothing, expected true or false"),
        (
            field.target(),
            "localhost:8000",
            "'localhost:8000' has no scheme; did you mean http://localhost:8000 ?",
        ),
        (field.method(), "get", "found 'get', expected a method in capitals; did you mean GET?"),
        (
            field.method(),
            "GE T",
            "method 'GE T' is not a method; expected for example GET or POST",
        ),
        (
            field.path(),
            "api/x",
            "found 'api/x', expected a path that starts with / and is percent-encoded; "
            "did you mean /api/x?",
        ),
        (
            field.path(),
            "http://x/",
            "found 'http://x/', expected a path that starts with / and is percent-encoded",
        ),
        (
            field.path(),
            "/a b",
            "found '/a b', expected a path that starts with / and is percent-encoded",
        ),
        (
            field.header_name(),
            "X Id",
            "header 'X Id' is not a header name; expected for example X-Request-Id",
        ),
        (
            field.header_name(),
            "Content-Length",
            "header 'Content-Length' is set by the body that is sent; remove it",
        ),
        (
            field.header_line(),
            "Bearer secret",
            "found a header without a colon, expected 'Name: value'",
        ),
        (field.given("a weight", str), None, "found nothing, expected a weight"),
        (field.body_file(), None, "found nothing, expected the name of a file"),
    ],
)
def test_what_is_refused(validator: object, value: object, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        _read(validator, value)
    assert str(caught.value.errors()[0]["ctx"]["error"]) == message


def test_a_header_s_value_is_never_shown() -> None:
    for validator, value in (
        (field.header_value(), "secret\n"),
        (field.header_line(), "Authorization: secret\n"),
    ):
        with pytest.raises(ValidationError) as caught:
            _read(validator, value)
        message = str(caught.value.errors()[0]["ctx"]["error"])
        assert "line break" in message
        assert "secret" not in message


def test_a_body_file_is_read_by_the_context() -> None:
    files = {"a.json": b"{}"}
    read = {"read_body": files.__getitem__}
    assert _read(field.body_file(), "a.json", read) == b"{}"


def test_a_body_file_that_cannot_be_read_is_named() -> None:
    def refuse(name: str) -> bytes:
        raise FileNotFoundError(2, "No such file or directory", name)

    with pytest.raises(ValidationError) as caught:
        _read(field.body_file(), "a.json", {"read_body": refuse})
    assert str(caught.value.errors()[0]["ctx"]["error"]) == (
        "found 'a.json', which cannot be read (No such file or directory); expected a file"
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "nothing"), ("x", "'x'"), ({}, "a mapping"), ([], "a list"), (True, "True")],
)
def test_what_was_found_in_words(value: object, words: str) -> None:
    assert field.describe(value) == words


def test_editors_are_told_the_form_of_a_value() -> None:
    adapter = TypeAdapter(Annotated[object, field.choice(Pattern)])
    assert adapter.json_schema()["enum"] == ["sustained", "burst", "ramp-up", "rate", "stages"]
    assert isinstance(field.text(), BeforeValidator)
