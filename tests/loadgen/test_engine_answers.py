"""The engine against servers that answer in every way HTTP/1.1 allows. Real sockets."""

from __future__ import annotations

import socket

import pytest

from loadgen.endpoint import Endpoint
from loadgen.plan import Plan
from tests.loadgen.engine_run import Outcome, run_plan
from tests.pace import SLOWER
from tests.scripted import HELLO, Peer, read_request, scripted_server

BIG = 3_000_000


def _plan(duration_s: float = 0.3, **changes: object) -> Plan:
    base: dict[str, object] = {
        "concurrency": 2,
        "duration_s": duration_s,
        "think_s": (0.001, 0.002),
        "timeout_s": 2.0,
    }
    return Plan(**{**base, **changes})  # type: ignore[arg-type]  # a table's values


def _repeat(answer: bytes) -> Outcome:
    """Serves this answer to every request of a keep-alive connection."""

    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        while read_request(connection, peer):
            connection.sendall(answer)

    with scripted_server(script) as peer:
        outcome = run_plan(_plan(), peer.port)
        assert outcome.total.sent == peer.requests
    return outcome


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("a length", HELLO),
        ("no body", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        (
            "chunks with an extension and a trailer",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 1\r\n\r\n",
        ),
        (
            "interim answers before the final one",
            b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
            + HELLO,
        ),
        ("204", b"HTTP/1.1 204 No Content\r\n\r\n"),
        (
            "304 with the length of what is not sent",
            b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
        ),
        (
            "a long reason and many headers",
            b"HTTP/1.1 200 " + b"x" * 300 + b"\r\n" + b"X-A: b\r\n" * 60 + HELLO[17:],
        ),
    ],
)
def test_an_answer_of_any_framing_is_a_success_on_a_connection_that_is_kept(
    name: str, answer: bytes
) -> None:
    outcome = _repeat(answer)
    assert outcome.closes, name
    assert outcome.total.succeeded == outcome.total.sent > 20, name
    assert outcome.total.connects == 2, name
    assert outcome.total.errors == {}, name


def test_bytes_received_are_those_that_the_server_sent() -> None:
    outcome = _repeat(HELLO)
    assert outcome.total.bytes_received == len(HELLO) * outcome.total.sent


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        (
            "Connection: close",
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
        ),
        ("HTTP/1.0", b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
        ("a body that ends with the connection", b"HTTP/1.1 200 OK\r\n\r\nhello"),
    ],
)
def test_a_server_that_closes_after_its_answer_gets_a_new_connection(
    name: str, answer: bytes
) -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        read_request(connection, peer)
        connection.sendall(answer)

    with scripted_server(script) as peer:
        outcome = run_plan(_plan(), peer.port)
    assert outcome.closes, name
    assert outcome.total.succeeded == outcome.total.sent > 20, name
    assert outcome.total.connects == outcome.total.sent == peer.requests, name
    assert outcome.total.reconnects == 0, name


def test_a_header_that_comes_byte_by_byte_is_one_answer() -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while read_request(connection, peer):
            for i in range(len(HELLO)):
                connection.sendall(HELLO[i : i + 1])

    with scripted_server(script) as peer:
        outcome = run_plan(_plan(), peer.port)
    assert outcome.closes
    assert outcome.total.succeeded == outcome.total.sent > 5


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_a_large_body_is_discarded_whole(framing: str) -> None:
    body = b"b" * BIG
    head = {
        "length": f"HTTP/1.1 200 OK\r\nContent-Length: {BIG}\r\n\r\n".encode(),
        "chunked": f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{BIG:x}\r\n".encode(),
        "close": b"HTTP/1.1 200 OK\r\n\r\n",
    }[framing]
    tail = b"\r\n0\r\n\r\n" if framing == "chunked" else b""

    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        while read_request(connection, peer):
            connection.sendall(head + body + tail)
            if framing == "close":
                return

    with scripted_server(script) as peer:
        outcome = run_plan(_plan(concurrency=1), peer.port)
    total = outcome.total
    assert outcome.closes
    assert total.succeeded == total.sent >= 2
    assert total.bytes_received == total.succeeded * (len(head) + BIG + len(tail))


def test_a_large_request_body_goes_out_in_pieces_and_whole() -> None:
    body = bytes(range(256)) * (BIG // 256)
    seen: list[bool] = []

    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        while request := read_request(connection, peer):
            seen.append(request.endswith(body))
            connection.sendall(HELLO)

    with scripted_server(script) as peer:
        outcome = run_plan(_plan(0.5 * SLOWER, concurrency=1, method="POST", body=body), peer.port)
    assert outcome.closes
    assert outcome.total.succeeded >= 2
    assert all(seen)


def test_head_answers_have_no_body_whatever_their_length_says() -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        while request := read_request(connection, peer):
            assert request.startswith(b"HEAD ")
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")

    with scripted_server(script) as peer:
        outcome = run_plan(_plan(method="HEAD"), peer.port)
    assert outcome.closes
    assert outcome.total.succeeded == outcome.total.sent > 20
    assert outcome.total.connects == 2


def test_an_answer_of_400_or_above_fails_by_its_status_alone() -> None:
    outcome = _repeat(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
    assert outcome.closes
    assert outcome.total.failed == outcome.total.sent > 20
    assert outcome.total.status_codes == {503: outcome.total.sent}
    assert outcome.total.errors == {}
    assert outcome.total.latency.n == outcome.total.sent


def test_each_endpoint_has_statistics_of_its_own() -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        while request := read_request(connection, peer):
            status = b"404 No" if b"GET /b" in request else b"200 OK"
            connection.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")

    endpoints = (Endpoint(path="/a", weight=3), Endpoint(path="/b"), Endpoint(path="/c", weight=0))
    with scripted_server(script) as peer:
        outcome = run_plan(_plan(duration_s=0.5, endpoints=endpoints), peer.port)
        assert outcome.total.sent == peer.requests
    a, b, c = outcome.endpoints
    assert outcome.closes
    assert a.status_codes == {200: a.sent}
    assert b.status_codes == {404: b.sent}
    assert a.sent > b.sent > 0
    assert c.sent == 0
