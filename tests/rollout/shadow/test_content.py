"""What is in a body: its kind by what it says and what it is, compression undone within bounds."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace

import pytest

from rollout.shadow.content import MOST_BYTES, Content, header_value, read_contents
from rollout.shadow.pair import Exchange


def exchange(body: bytes, **headers: str) -> Exchange:
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Exchange(status=200, headers=pairs, body=body)


def cut(body: bytes, **headers: str) -> Exchange:
    return replace(exchange(body, **headers), truncated=True)


def content(body: bytes, **headers: str) -> Content:
    return read_contents(exchange(body, **headers), exchange(body, **headers))[0]


@pytest.mark.parametrize(
    ("body", "content_type", "kind"),
    [
        (b'{"a": 1}', "application/json", "JSON"),
        (b'{"a": 1}', "application/problem+json; charset=utf-8", "JSON"),
        (b'{"a": 1}', "", "JSON"),
        (b" [1]", "", "JSON"),
        (b"{nothing", "application/json", "text"),
        (b"[" * 100_000, "application/json", "text"),
        (b"1" * 10_000, "application/json", "text"),
        (b'{"a": 1}', "text/plain", "text"),
        (b"<p>", "text/html", "text"),
        (b"<p>", "application/xhtml+xml", "text"),
        ("ü".encode("latin-1"), "text/plain; charset=ISO-8859-1", "text"),
        ("ü".encode("latin-1"), "text/plain", "binary"),
        (b"a", "text/plain; charset=hex", "binary"),
        (b"a\0b", "text/plain", "binary"),
        (b"abc", "image/png", "binary"),
        (b"", "application/json", "nothing"),
    ],
)
def test_kinds(body: bytes, content_type: str, kind: str) -> None:
    assert content(body, Content_Type=content_type).kind == kind


@pytest.mark.parametrize(
    ("encoding", "encoded"),
    [
        ("gzip", gzip.compress(b"hello", mtime=0)),
        ("GZIP", gzip.compress(b"hello", mtime=0)),
        ("deflate", zlib.compress(b"hello")),
        ("deflate", zlib.compress(b"hello", wbits=-15)),
        ("", b"hello"),
        ("identity", b"hello"),
    ],
)
def test_compression_is_undone(encoding: str, encoded: bytes) -> None:
    assert content(encoded, content_encoding=encoding, content_type="text/plain").text == "hello"


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_what_cannot_be_undone_stays(encoding: str) -> None:
    found = content(b"\xff\xfe", content_encoding=encoding, content_type="text/plain")
    assert (found.kind, found.body) == ("binary", b"\xff\xfe")


def test_a_bomb_does_not_go_off() -> None:
    bomb = gzip.compress(b"\0" * 200_000_000)
    assert len(content(bomb, content_encoding="gzip").body) <= MOST_BYTES


def test_both_end_where_one_was_cut() -> None:
    start = cut(b"0123", content_type="text/plain")
    whole = exchange(b"0123456789", content_type="text/plain")
    assert [each.text for each in read_contents(start, whole)] == ["0123", "0123"]
    assert [each.text for each in read_contents(whole, start)] == ["0123", "0123"]
    short = exchange(b"01", content_type="text/plain")
    assert [each.text for each in read_contents(short, start)] == ["01", "0123"]


def test_a_cut_in_compressed_json_is_no_difference() -> None:
    body = gzip.compress(b'{"a": "' + bytes(range(97, 123)) * 100 + b'"}')
    headers = {"content_encoding": "gzip", "content_type": "application/json"}
    start = cut(body[: len(body) - 12], **headers)
    first, second = read_contents(start, exchange(body, **headers))
    assert first == second
    assert first.kind == "text"


def test_values_of_one_header_are_put_together() -> None:
    assert header_value((("Vary", "a"), ("x", "y"), ("vary", "b")), "vary") == "a, b"
    assert header_value((), "vary") == ""
