"""Answers as httptools reads them, whole and byte by byte."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from loadgen.slow_engine.answer import Answer


class Row(NamedTuple):
    name: str
    data: bytes
    status: int = 200
    keep_alive: bool = True
    surplus: bool = False
    head: bool = False


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
COMPLETE = (
    Row("counted", OK),
    Row("chunked", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
    Row("empty", b"HTTP/1.1 204 No Content\r\n\r\n", status=204),
    Row("to be closed", OK.replace(b"OK", b"OK\r\nConnection: close"), keep_alive=False),
    Row("of HTTP/1.0", OK.replace(b"/1.1", b"/1.0"), keep_alive=False),
    Row("after 100", b"HTTP/1.1 100 Continue\r\n\r\n" + OK),
    Row("after 103", b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n" + OK),
    Row("to HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", head=True),
    Row("switching", b"HTTP/1.1 101 Go\r\n\r\n", status=101, keep_alive=False),
)
TOO_MUCH = (
    Row("a second answer", OK + OK),
    Row("garbage", OK + b"xx"),
    Row("after a close", OK.replace(b"OK", b"OK\r\nConnection: close") + b"x", keep_alive=False),
    Row("a body to HEAD", OK, head=True),
)


def _fed(data: bytes, size: int, *, head: bool = False) -> Answer:
    answer = Answer(head=head)
    for first in range(0, len(data), size):
        assert not answer.done
        answer.feed(data[first : first + size])
        if answer.error:
            break
    return answer


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize("row", COMPLETE, ids=lambda row: row.name)
def test_an_answer_is_done_with_its_last_byte(row: Row, size: int) -> None:
    answer = _fed(row.data, size, head=row.head)
    assert (answer.done, answer.status, answer.error) == (True, row.status, "")
    assert (answer.keep_alive, answer.surplus) == (row.keep_alive, False)


@pytest.mark.parametrize("row", TOO_MUCH, ids=lambda row: row.name)
def test_bytes_after_it_are_surplus_and_the_answer_counts(row: Row) -> None:
    answer = _fed(row.data, 10_000, head=row.head)
    assert (answer.done, answer.status, answer.error, answer.surplus) == (True, 200, "", True)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "protocol"),
        (b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 12_000, "header_too_large"),
    ],
)
def test_an_answer_that_cannot_be_used_says_why(data: bytes, error: str) -> None:
    assert _fed(data, 4096).error == error


@pytest.mark.parametrize(
    ("data", "done"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nhello", True),
        (b"HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\nhel", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", False),
        (b"HTTP/1.1 200 OK\r\n", False),
        (b"", False),
    ],
)
def test_the_end_of_the_connection_ends_an_unframed_body_only(data: bytes, done: bool) -> None:
    answer = Answer()
    answer.feed(data)
    assert answer.end() is done
    assert answer.done is done
