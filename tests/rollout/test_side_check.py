"""Whether a side is well: by its answers, most of which must be good."""

from __future__ import annotations

import socket

import pytest

from rollout.side_check import check_side
from tests.scripted import HELLO, Peer, read_request, scripted_server

BROKEN = HELLO.replace(b"200 OK", b"503 Service Unavailable")
NOT_FOUND = HELLO.replace(b"200 OK", b"404 Not Found")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([HELLO] * 5, ""),
        ([NOT_FOUND] * 5, ""),  # somebody is there, and works
        ([BROKEN, HELLO, BROKEN, HELLO, HELLO], ""),
        ([BROKEN, HELLO, BROKEN, BROKEN], "3 requests to {url} failed, the last: status 503"),
        ([b"HTTP/1.1 oops\r\n\r\n"] * 3, "3 requests to {url} failed, the last: HTTP/1.1 oops"),
    ],
)
def test_most_answers_must_be_good(answers: list[bytes], expected: str) -> None:
    def script(connection: socket.socket, number: int, _peer: Peer) -> None:
        read_request(connection)
        connection.sendall(answers[number])

    with scripted_server(script) as peer:
        url = f"http://127.0.0.1:{peer.port}/health"
        assert check_side(url) == expected.format(url=url)
        assert peer.connections == len(answers)


def test_a_side_that_is_not_there_is_not_well() -> None:
    assert check_side("http://127.0.0.1:1").endswith("the last: Connection refused")
