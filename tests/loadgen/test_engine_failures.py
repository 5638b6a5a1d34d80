"""The engine against servers that fail: every request has an outcome, and the right one."""

from __future__ import annotations

import socket
import time

import pytest

from loadgen.plan import Pattern, Plan
from tests.loadgen.engine_run import run_plan
from tests.scripted import HELLO, Peer, read_request, reset, scripted_server


def _plan(**changes: object) -> Plan:
    base: dict[str, object] = {
        "concurrency": 2,
        "duration_s": 0.4,
        "think_s": (0.005, 0.010),
        "timeout_s": 2.0,
    }
    return Plan(**{**base, **changes})  # type: ignore[arg-type]  # a table's values


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        ("protocol", b"SSH-2.0-OpenSSH_9.2\r\n"),
        ("protocol", b"\x00\x01\x02\x03garbage\r\n\r\n"),
        ("protocol", b"HTTP/1.1 999 Beyond\r\n\r\n"),
        ("protocol", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
        ("protocol", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        ("protocol", b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n"),
        ("header_too_large", b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"x" * 70_000 + b"\r\n\r\n"),
        ("closed", b""),
        ("closed", b"HTTP/1.1 20"),
        ("closed", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello"),
        ("closed", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"),
    ],
)
def test_an_answer_that_is_none_is_counted_under_its_class(error: str, answer: bytes) -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        read_request(connection, peer)
        connection.sendall(answer)

    with scripted_server(script) as peer:
        outcome = run_plan(_plan(), peer.port)
        assert outcome.total.sent == peer.requests
    assert outcome.closes
    assert outcome.total.errors == {error: outcome.total.sent}
    assert outcome.total.sent > 10
    assert outcome.total.latency.n == 0


@pytest.mark.parametrize("sent_before", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel"])
def test_a_reset_is_a_reset(sent_before: bytes) -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        read_request(connection, peer)
        connection.sendall(sent_before)
        reset(connection)

    with scripted_server(script) as peer:
        outcome = run_plan(_plan(), peer.port)
    assert outcome.closes
    # Where the reset overtakes the reading of the bytes before it, the kernel says so too.
    assert outcome.total.errors == {"reset": outcome.total.sent}
    assert outcome.total.sent > 10


def test_silence_ends_in_a_timeout_whose_time_is_recorded() -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        while read_request(connection, peer):
            pass

    with scripted_server(script) as peer:
        outcome = run_plan(_plan(duration_s=0.5, timeout_s=0.1), peer.port)
    total = outcome.total
    assert outcome.closes
    assert total.errors == {"timeout": total.sent}
    assert total.latency.n == total.sent >= 4
    assert total.latency.min_ns >= 100_000_000


def test_an_answer_that_does_not_come_within_the_drain_is_in_flight_at_the_end() -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        while read_request(connection, peer):
            pass

    with scripted_server(script) as peer:
        begun_s = time.monotonic()
        outcome = run_plan(_plan(duration_s=0.2, timeout_s=0.5), peer.port)
    assert outcome.closes
    assert outcome.total.sent == 2
    assert outcome.total.in_flight_at_end + outcome.total.failed == 2
    assert time.monotonic() - begun_s < 2.0


def test_a_refused_connect_fails_the_request_and_backs_off() -> None:
    outcome = run_plan(_plan(think_s=(0, 0), duration_s=0.5), _free_port())
    total = outcome.total
    assert outcome.closes
    assert total.errors == {"connect_refused": total.sent}
    # Two users that back off 5, 10, 20, 40, 80, 100, 100 ... ms; without it: some thousands.
    assert 10 <= total.sent <= 40


def test_an_address_that_refuses_is_set_aside_while_another_answers() -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        read_request(connection, peer)
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")

    with scripted_server(script) as peer:
        outcome = run_plan(_plan(), _free_port(), peer.port)
    assert outcome.closes
    assert outcome.total.errors == {}
    assert outcome.total.succeeded == outcome.total.sent == peer.requests > 20


def test_addresses_are_used_in_turn() -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        while read_request(connection, peer):
            connection.sendall(HELLO)

    with scripted_server(script) as one, scripted_server(script) as two:
        outcome = run_plan(_plan(concurrency=6), one.port, two.port)
        assert one.connections == two.connections == 3
    assert outcome.closes


def test_a_request_that_crosses_the_servers_close_is_repeated_once() -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        read_request(connection, peer)
        connection.sendall(HELLO)
        read_request(connection, peer)

    with scripted_server(script) as peer:
        outcome = run_plan(_plan(), peer.port)
    total = outcome.total
    assert outcome.closes
    assert total.errors == {}
    # One that was connecting again when the load ended is not sent any more.
    assert total.succeeded == total.sent - total.in_flight_at_end
    assert total.in_flight_at_end <= 2
    assert total.reconnects > 5
    assert peer.requests == total.sent + total.reconnects - total.in_flight_at_end


def test_a_request_that_is_not_idempotent_is_not_repeated() -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        read_request(connection, peer)
        connection.sendall(HELLO)
        read_request(connection, peer)

    with scripted_server(script) as peer:
        outcome = run_plan(_plan(method="POST"), peer.port)
        assert peer.requests == outcome.total.sent
    assert outcome.closes
    assert outcome.total.reconnects == 0
    assert outcome.total.errors == {"closed": outcome.total.failed}
    assert outcome.total.failed > 5


def test_a_connection_that_never_answered_is_not_tried_again() -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        read_request(connection, peer)

    with scripted_server(script) as peer:
        outcome = run_plan(_plan(), peer.port)
        assert peer.requests == outcome.total.sent
    assert outcome.total.reconnects == 0
    assert outcome.total.errors == {"closed": outcome.total.sent}


def test_an_idle_connection_that_the_server_closes_costs_no_request() -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        read_request(connection, peer)
        connection.sendall(HELLO)

    with scripted_server(script) as peer:
        outcome = run_plan(_plan(think_s=(0.02, 0.03)), peer.port)
        assert peer.requests == outcome.total.sent
    assert outcome.closes
    assert outcome.total.errors == {}
    assert outcome.total.connects == outcome.total.sent


def test_bytes_that_nobody_asked_for_are_surplus_and_the_answer_counts() -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        read_request(connection, peer)
        connection.sendall(HELLO + HELLO)
        read_request(connection, peer)

    with scripted_server(script) as peer:
        outcome = run_plan(_plan(), peer.port)
    total = outcome.total
    assert outcome.closes
    assert total.succeeded == total.sent == peer.requests == total.surplus
    assert total.connects == total.sent


def test_an_answer_before_the_request_is_whole_counts() -> None:
    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        connection.recv(1024)
        peer.requests += 1
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        # Read what was on its way, so that the close is a FIN and not a RST.
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass

    with scripted_server(script) as peer:
        outcome = run_plan(_plan(method="POST", body=b"x" * 2_000_000), peer.port)
    total = outcome.total
    assert outcome.closes
    assert total.status_codes == {413: total.sent}
    assert total.sent == peer.requests > 10


def test_an_open_loop_survives_a_server_that_refuses_and_comes_back() -> None:
    plan = _plan(pattern=Pattern.RATE, rate_rps=200.0, concurrency=4, duration_s=0.6)
    outcome = run_plan(plan, _free_port())
    total = outcome.total
    assert outcome.closes
    assert total.errors == {"connect_refused": total.sent}
    assert total.sent + total.dropped == 120
    assert total.sent > 12
