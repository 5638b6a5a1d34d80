"""Bytes of the wire to requests and answers."""

from __future__ import annotations

import pytest

from rollout.shadow.live.reading import read_answer, read_request

OK = b"HTTP/1.1 200 OK\r\n"


def test_a_request_is_read_without_its_chunks() -> None:
    wire = (
        b"POST /a?b=c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: t\r\n\r\n"
    )
    request = read_request(wire, at_ns=7)
    assert (request.method, request.target, request.at_ns) == ("POST", "/a?b=c", 7)
    assert request.headers == (("Host", "x"), ("Transfer-Encoding", "chunked"))
    assert request.body == b"abcde"


def test_a_request_that_asks_for_another_protocol_is_read_as_well() -> None:
    wire = b"GET /w HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
    assert read_request(wire, at_ns=0).target == "/w"


@pytest.mark.parametrize(
    ("wire", "status", "body"),
    [
        (OK + b"Content-Length: 2\r\n\r\nhi", 200, b"hi"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX: y\r\n\r\n", 200, b"hi"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 0\r\n\r\n", 200, b""),
        (
            b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK + b"Content-Length: 1\r\n\r\nx",
            200,
            b"x",
        ),
    ],
)
def test_an_answer_is_read(wire: bytes, status: int, body: bytes) -> None:
    answer = read_answer(wire)
    assert (answer.status, answer.body, answer.error) == (status, body, "")
    assert "Link" not in dict(answer.headers), "that of an interim answer is not the answer's"
    assert "X" not in dict(answer.headers), "trailers are no headers"


def test_an_answer_to_head_has_no_body() -> None:
    answer = read_answer(OK + b"Content-Length: 5\r\n\r\n", is_head=True)
    assert (answer.status, answer.body, answer.error) == (200, b"", "")


@pytest.mark.parametrize(
    ("wire", "by_close", "error"),
    [
        (OK + b"\r\nall of it", True, ""),
        (OK + b"\r\nall of it", False, "closed"),
        (OK + b"Content-Length: 10\r\n\r\nhalf", True, "closed"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhalf", True, "closed"),
        (OK + b"Content-Le", True, "closed"),
        (b"", True, "closed"),
        (b"SSH-2.0-OpenSSH\r\n", True, "protocol"),
    ],
)
def test_an_answer_that_stops_in_its_midst_is_none(wire: bytes, by_close: bool, error: str) -> None:
    answer = read_answer(wire, by_close=by_close)
    assert answer.error == error
    assert (answer.status, answer.body) == ((0, b"") if error else (200, b"all of it"))


def test_an_answer_of_which_not_all_was_kept_says_so() -> None:
    answer = read_answer(OK + b"Content-Length: 10\r\n\r\nhalf", is_cut=True)
    assert (answer.status, answer.body, answer.truncated) == (200, b"half", True)
