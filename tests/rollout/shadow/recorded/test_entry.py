"""What of a recorded request is sent again."""

from __future__ import annotations

import pytest

from rollout.shadow.recorded.entry import UnreadableError, checked_target, sendable_headers


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/a?b=c", "/a?b=c"),
        ("http://example.com/a?b=http://c", "/a?b=http://c"),
        ("http://example.com", "/"),
        ("http://example.com?x=1", "/?x=1"),
        ("/a?b=http://c", "/a?b=http://c"),
        ("/a#top", "/a"),
    ],
)
def test_targets(target: str, expected: str) -> None:
    assert checked_target("GET", target) == expected


@pytest.mark.parametrize(
    ("method", "target", "said"),
    [
        ("GET", "a", "path 'a' cannot be sent"),
        ("GET", "/ü", "cannot be sent"),
        ("GET", "", "path '' cannot be sent"),
        ("G T", "/", "method 'G T' is not a method"),
        ("CONNECT", "/", "CONNECT"),
    ],
)
def test_what_cannot_be_sent(method: str, target: str, said: str) -> None:
    with pytest.raises(UnreadableError, match=said):
        checked_target(method, target)


def test_headers() -> None:
    kept = (("Accept", "text/html"), ("Cookie", "a=b"), ("X-Id", "1"))
    dropped = (
        (":authority", "example.com"),
        ("Host", "example.com"),
        ("Content-Length", "3"),
        ("Connection", "close"),
        ("Accept-Encoding", "br"),
        ("If-None-Match", '"x"'),
        ("a b", "c"),
        ("X", "a\r\nb"),
    )
    assert sendable_headers((*dropped, *kept)) == kept
