"""Answers held together: what differs, by part, kind and place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.shadow.comparison import differences
from rollout.shadow.pair import Exchange, Headers
from tests.rollout.shadow.ruled import rules

JSON = ("Content-Type", "application/json")


def answer(
    body: bytes = b"", *headers: tuple[str, str], status: int = 200, error: str = ""
) -> Exchange:
    return Exchange(status=status, headers=headers, body=body, error=error)


def found(production: Exchange, canary: Exchange, section: str = "") -> list[tuple[str, str, str]]:
    return [
        (each.part, each.name, each.kind)
        for each in differences(production, canary, rules(section))
    ]


@pytest.mark.parametrize(
    ("production", "canary", "expected"),
    [
        (answer(b"a"), answer(b"a"), []),
        (answer(status=200), answer(status=500), [("status", "", "value")]),
        (answer(b"a", status=200), answer(b"b", ("x", "y"), status=500), [("status", "", "value")]),
        (answer(), answer(status=0, error="reset"), [("answer", "", "missing in the canary")]),
        (answer(b'{"a":1}', JSON), answer(b'{"a": 1}', JSON), []),
        (answer(b'{"a":1}', JSON), answer(b'{"a":2}', JSON), [("json", "", "value")]),
        (answer(b"1" * 5000, JSON), answer(b"2" * 5000, JSON), [("text", "", "value")]),
        (answer(b"a"), answer(b"b"), [("text", "", "value")]),
        (answer(b"a"), answer(), [("binary", "", "missing in the canary")]),
        (answer(), answer(b"a"), [("binary", "", "only in the canary")]),
        (answer(b"\xff"), answer(b"\xfe"), [("binary", "", "value")]),
        (answer(b"[1]"), answer(b"<p>"), [("binary", "", "type")]),
    ],
)
def test_parts(
    production: Exchange, canary: Exchange, expected: list[tuple[str, str, str]]
) -> None:
    assert found(production, canary) == expected


@pytest.mark.parametrize(
    ("production", "canary", "expected"),
    [
        ([("X-A", "1")], [("x-a", "1")], []),
        ([("X-A", "1")], [("X-A", "2")], [("header", "x-a", "value")]),
        ([("X-A", "1")], [], [("header", "x-a", "missing in the canary")]),
        ([], [("X-A", "")], [("header", "x-a", "only in the canary")]),
        ([("Vary", "a"), ("Vary", "b")], [("Vary", "a, b")], []),
        ([("Date", "1")], [("Date", "2")], []),
        ([("Content-Length", "1")], [("Transfer-Encoding", "chunked")], []),
        ([("ETag", "1")], [("ETag", "2")], []),
        (
            [("Set-Cookie", "sid=1; Path=/; Secure; Max-Age=60")],
            [("Set-Cookie", "sid=2; Secure; Path=/; Max-Age=59")],
            [],
        ),
        (
            [("Set-Cookie", "sid=1; Path=/; Secure")],
            [("Set-Cookie", "sid=2; Path=/")],
            [("header", "set-cookie", "value")],
        ),
    ],
)
def test_headers(
    production: list[tuple[str, str]],
    canary: list[tuple[str, str]],
    expected: list[tuple[str, str, str]],
) -> None:
    before, after = (answer(b"", *headers) for headers in (production, canary))
    assert found(before, after, "ignore: {headers: ETag}") == expected


def test_the_value_of_a_cookie_is_not_kept() -> None:
    headers: Headers = (("Set-Cookie", "sid=secret"),)
    [difference] = differences(Exchange(status=200, headers=headers), answer(), rules())
    assert difference.production == "sid"


def test_bytes_are_told_by_size_and_hash() -> None:
    [difference] = differences(answer(b"\xff\xff"), answer(b"\xfe"), rules())
    assert difference.production == "2 bytes of binary, sha256 ca2fd00fa001"


def test_deep_json_is_compared_as_text() -> None:
    deep = b"[" * 900 + b"1" + b"]" * 900
    other = deep.replace(b"1", b"2")
    assert found(answer(deep, JSON), answer(other, JSON))[0][0] in {"json", "text"}


EXCHANGES = st.builds(
    Exchange,
    status=st.sampled_from([200, 404]),
    headers=st.lists(
        st.tuples(
            st.sampled_from(["Content-Type", "Content-Encoding", "X-A", "Set-Cookie", "Date"]),
            st.sampled_from(
                ["application/json", "text/plain; charset=utf-16", "gzip", "a=b; c", ""]
            ),
        ),
        max_size=3,
    ).map(tuple),
    body=st.binary(max_size=20) | st.sampled_from([b"[1]", b"{}", b"\x1f\x8b", b'{"a": NaN}']),
    truncated=st.booleans(),
)


@settings(deadline=None)
@given(EXCHANGES, EXCHANGES)
def test_an_answer_is_like_itself_and_both_ways_find_the_same_parts(
    first: Exchange, second: Exchange
) -> None:
    assert differences(first, first, rules()) == ()
    there, back = (
        {(each.part, each.name) for each in differences(one, other, rules())}
        for one, other in ((first, second), (second, first))
    )
    assert there == back
