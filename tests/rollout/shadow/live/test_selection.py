"""Which requests are mirrored."""

from __future__ import annotations

import pytest

from loadgen.errors import ConfigError
from rollout.shadow.live.selection import Selection
from rollout.shadow.live.tally import Fate

POSTS = Selection(methods=frozenset({"POST"}), idempotency_header="Idempotency-Key")


@pytest.mark.parametrize(
    ("selection", "method", "refusal"),
    [
        (Selection(), b"GET", None),
        (Selection(), b"HEAD", None),
        (Selection(), b"OPTIONS", None),
        (Selection(), b"POST", Fate.METHOD),
        (Selection(), b"DELETE", Fate.METHOD),
        (Selection(), b"TRACE", Fate.METHOD),
        (Selection(), b"CONNECT", Fate.METHOD),
        (POSTS, b"POST", None),
        (POSTS, b"GET", None),
        (POSTS, b"PUT", Fate.METHOD),
    ],
)
def test_only_what_is_safe_or_named_is_mirrored(
    selection: Selection, method: bytes, refusal: Fate | None
) -> None:
    assert selection.refusal(method) is refusal


@pytest.mark.parametrize(
    ("request_bytes", "lacks"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", False),
        (b"POST / HTTP/1.1\r\nHost: a\r\n\r\nidempotency-key: 1", True),
        (b"POST / HTTP/1.1\r\nidempotency-KEY: 1\r\n\r\n", False),
        (b"POST / HTTP/1.1\r\nX: idempotency-key:\r\n\r\n", True),
        (b"POST /?idempotency-key: HTTP/1.1\r\nHost: a\r\n\r\n", True),
    ],
)
def test_what_is_not_safe_needs_its_key(request_bytes: bytes, lacks: bool) -> None:
    assert POSTS.lacks_key(request_bytes) is lacks


@pytest.mark.parametrize(
    ("methods", "header", "message"),
    [
        ({"POST"}, "", "--methods: POST would be carried out once by production and once by"),
        ({"CONNECT"}, "K", "--methods: CONNECT is never mirrored; leave it out"),
        ({"PO ST"}, "K", "--methods: found 'PO ST', expected a name without spaces"),
        ({"POST"}, "K:", "--idempotency-header: found 'K:', expected a name without spaces"),
    ],
)
def test_what_does_not_go_together_is_refused(methods: set[str], header: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Selection(methods=frozenset(methods), idempotency_header=header)
    assert caught.value.problems[0].startswith(message)


def test_naming_a_safe_method_needs_no_header() -> None:
    assert Selection(methods=frozenset({"GET"})).refusal(b"GET") is None
