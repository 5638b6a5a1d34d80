"""The engine against servers of the hostile world: each row does exactly what its name says.

Whatever a server does, every request has one outcome, the outcome that is told is the right
one, and the run ends in time. Rows that other files hold: a request that crosses the server's
close, surplus bytes and addresses that refuse (test_engine_failures.py), interim answers and
HTTP/1.0 (test_engine_answers.py), TLS (test_engine_tls.py).
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import pytest

from loadgen.plan import Pattern, Plan
from tests.loadgen.engine_run import Outcome, run_plan
from tests.scripted import HELLO, Peer, read_request, reset, scripted_server

Behaviour = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def _plan(**changes: object) -> Plan:
    base: dict[str, object] = {
        "concurrency": 2,
        "duration_s": 0.25,
        "think_s": (0.005, 0.010),
        "timeout_s": 2.0,
    }
    return Plan(**{**base, **changes})  # type: ignore[arg-type]  # a table's values


def _run(behave: Behaviour, **changes: object) -> Outcome:
    """Serves one request per connection in one way."""

    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        if read_request(connection, peer):
            behave(connection)

    begun_s = time.monotonic()
    plan = _plan(**changes)
    with scripted_server(script) as peer:
        outcome = run_plan(plan, peer.port)
        assert outcome.total.sent >= peer.requests
    assert outcome.closes
    assert time.monotonic() - begun_s < plan.duration_s + plan.timeout_s + 2.0
    return outcome


def _says(*parts: bytes) -> Behaviour:
    """Sends and closes in order, with a FIN."""

    def behave(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)

    return behave


def _resets_after(said: bytes) -> Behaviour:
    def behave(connection: socket.socket) -> None:
        connection.sendall(said)
        reset(connection)

    return behave


def _says_for_ever(begin: bytes, again: bytes) -> Behaviour:
    """Sends until the client has had enough."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(begin)
        while True:
            connection.sendall(again)

    return behave


ROWS: tuple[tuple[str, str, Behaviour], ...] = (
    ("reset before the header", "reset", _resets_after(b"")),
    ("reset within the header", "reset", _resets_after(OK + b"Content-Le")),
    ("reset after the header", "reset", _resets_after(OK + b"Content-Length: 5\r\n\r\n")),
    ("reset within a chunk", "reset", _resets_after(CHUNKED + b"5\r\nhe")),
    ("FIN before the header", "closed", _says()),
    ("FIN within the status line", "closed", _says(b"HTTP/1.1 2")),
    ("FIN within the header", "closed", _says(OK + b"Content-Len")),
    ("FIN within the body", "closed", _says(OK + b"Content-Length: 6\r\n\r\nhello")),
    ("FIN within a chunk", "closed", _says(CHUNKED + b"5\r\nhell")),
    ("FIN after a chunk", "closed", _says(CHUNKED + b"5\r\nhello\r\n")),
    ("FIN within the trailer", "closed", _says(CHUNKED + b"0\r\nX: y\r\n")),
    ("FIN after an interim answer", "closed", _says(b"HTTP/1.1 100 Continue\r\n\r\n")),
    ("header without end", "header_too_large", _says_for_ever(OK, b"X-Filler: filler\r\n")),
    ("header line without end", "header_too_large", _says_for_ever(OK, b"x" * 1000)),
    (
        "interim answers without end",
        "header_too_large",
        _says_for_ever(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    ),
    (
        "chunk extension without end",
        "header_too_large",
        _says_for_ever(CHUNKED + b"5;", b"a=b;" * 100),
    ),
    ("trailer without end", "header_too_large", _says_for_ever(CHUNKED + b"0\r\n", b"X: y\r\n")),
    ("another protocol", "protocol", _says(b"SSH-2.0-OpenSSH_9.2\r\n")),
    ("HTTP/2", "protocol", _says(b"HTTP/2 200 OK\r\n\r\n")),
    ("status of four digits", "protocol", _says(b"HTTP/1.1 2000 OK\r\n\r\n")),
    ("status of letters", "protocol", _says(b"HTTP/1.1 abc OK\r\n\r\n")),
    ("status beyond", "protocol", _says(b"HTTP/1.1 600 OK\r\n\r\n")),
    ("status line folded", "protocol", _says(b"HTTP/1.1\r\n 200 OK\r\n\r\n")),
    ("NUL in a header", "protocol", _says(OK + b"X: a\0b\r\n\r\n")),
    ("folded header", "protocol", _says(OK + b"X: a\r\n b\r\n\r\n")),
    ("space before the colon", "protocol", _says(OK + b"Content-Length : 5\r\n\r\nhello")),
    (
        "conflicting lengths",
        "protocol",
        _says(OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
    ),
    (
        "the same length twice",
        "protocol",
        _says(OK + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
    ),
    ("two lengths in one", "protocol", _says(OK + b"Content-Length: 5, 5\r\n\r\nhello")),
    ("negative length", "protocol", _says(OK + b"Content-Length: -5\r\n\r\nhello")),
    (
        "length that overflows",
        "protocol",
        _says(OK + b"Content-Length: 18446744073709551616\r\n\r\n"),
    ),
    (
        "length and chunks",
        "protocol",
        _says(OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
    ),
    ("chunk size that is not hex", "protocol", _says(CHUNKED + b"five\r\nhello\r\n")),
    ("chunk size in C's way", "protocol", _says(CHUNKED + b"0x5\r\nhello\r\n")),
    ("chunk size that overflows", "protocol", _says(CHUNKED + b"fffffffffffffffff\r\n")),
    ("negative chunk size", "protocol", _says(CHUNKED + b"-5\r\nhello\r\n")),
    ("chunk longer than it says", "protocol", _says(CHUNKED + b"5\r\nhello!\r\n0\r\n\r\n")),
)


@pytest.mark.parametrize(("name", "error", "behave"), ROWS, ids=[row[0] for row in ROWS])
def test_an_answer_that_is_none_is_an_error_of_the_right_class(
    name: str, error: str, behave: Behaviour
) -> None:
    total = _run(behave).total
    assert total.errors == {error: total.sent}, name
    assert total.sent > 2, name
    assert (total.status_codes, total.latency.n) == ({}, 0)


def test_a_connection_that_is_accepted_and_closed_at_once() -> None:
    def script(_connection: socket.socket, _number: int, _peer: Peer) -> None:
        return

    with scripted_server(script) as peer:
        outcome = run_plan(_plan(), peer.port)
    total = outcome.total
    assert outcome.closes
    # RST when the request met the closed socket, FIN when it had not come yet.
    assert set(total.errors) <= {"closed", "reset"}
    assert sum(total.errors.values()) == total.sent == total.connects > 5


def _one_byte_a_second(connection: socket.socket) -> None:
    for byte in HELLO:
        connection.sendall(bytes([byte]))
        time.sleep(1)


@pytest.mark.parametrize(
    ("name", "behave"),
    [
        ("silence for ever", lambda connection: connection.recv(1)),
        ("silence after the header", lambda c: (c.sendall(HELLO[:-5]), c.recv(1))),
        ("one byte a second", _one_byte_a_second),
        ("body without end", _says_for_ever(OK + b"\r\n", b"x" * 100_000)),
        ("chunks without end", _says_for_ever(CHUNKED, b"400\r\n" + b"x" * 1024 + b"\r\n")),
    ],
)
def test_what_takes_too_long_is_a_timeout_at_its_time(name: str, behave: Behaviour) -> None:
    total = _run(behave, timeout_s=0.3).total
    assert total.errors == {"timeout": total.sent}, name
    assert total.latency.n == total.sent >= 2, name
    assert total.latency.min_ns >= 300_000_000, name


def test_a_body_without_end_is_in_flight_when_the_run_does_not_wait_for_it() -> None:
    outcome = _run(_says_for_ever(OK + b"\r\n", b"x" * 100_000), timeout_s=1.0, duration_s=0.1)
    total = outcome.total
    assert total.sent == total.in_flight_at_end + total.errors.get("timeout", 0) == 2
    assert total.bytes_received > 1_000_000


@pytest.mark.parametrize("open_loop", [False, True])
def test_a_server_that_goes_away_in_the_middle_of_the_run(open_loop: bool) -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        while read_request(connection, peer):
            if peer.requests > 30:
                peer.refuse()
                return
            connection.sendall(HELLO)

    changes: dict[str, object] = {"concurrency": 4, "duration_s": 0.5}
    if open_loop:
        changes |= {"pattern": Pattern.RATE, "rate_rps": 300.0}
    with scripted_server(script) as peer:
        outcome = run_plan(_plan(**changes), peer.port)
    total = outcome.total
    assert outcome.closes
    assert total.status_codes == {200: 30}
    assert total.errors["connect_refused"] > 3
    assert set(total.errors) <= {"connect_refused", "closed", "reset"}
    assert total.sent == 30 + sum(total.errors.values())


def test_a_server_whose_window_is_tiny_gets_a_large_body_in_small_pieces_and_whole() -> None:
    """The kernel takes what fits and says EAGAIN for the rest; nothing is lost or sent twice."""
    body = bytes(range(256)) * 1_000
    seen: list[bool] = []

    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(1)
        got = b""
        while len(got) < len(body):
            got += connection.recv(4096)
        peer.requests += 1
        seen.append(got == body)
        connection.sendall(HELLO)

    with scripted_server(script) as peer:
        plan = _plan(method="POST", body=body, concurrency=1, timeout_s=10.0)
        outcome = run_plan(plan, peer.port)
    total = outcome.total
    assert outcome.closes
    assert total.succeeded == peer.requests == len(seen) >= 1
    assert all(seen)
    assert total.bytes_sent >= total.succeeded * len(body)
