"""Where the engine connects to and from: Unix domain sockets and local addresses."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from loadgen._engine import Engine
from loadgen.address import Address
from loadgen.arena import Arena
from loadgen.plan import Plan
from loadgen.wire import engine_plan
from tests.loadgen.engine_run import run_engine, run_plan
from tests.scripted import HELLO, Peer, read_request, scripted_server


@contextmanager
def _unix_server(path: Path) -> Iterator[list[bytes]]:
    """Answers on a socket; yields the requests that it read."""
    requests: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        with connection:
            while request := read_request(connection):
                requests.append(request)
                connection.sendall(HELLO)

    def accept() -> None:
        try:
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()
        except OSError:
            return  # the listener is gone

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        yield requests
        listener.shutdown(socket.SHUT_RDWR)
        accepting.join(5)


def _plan(**changes: object) -> Plan:
    base: dict[str, object] = {"concurrency": 4, "duration_s": 0.3, "think_s": (0.01, 0.01)}
    return Plan(**{**base, **changes})  # type: ignore[arg-type]  # a table's values


@pytest.mark.parametrize("keepalive", [True, False])
def test_a_unix_domain_socket_is_loaded_like_any_server(tmp_path: Path, keepalive: bool) -> None:
    path = tmp_path / "s"
    plan = _plan(target=f"http+unix://{str(path).replace('/', '%2F')}/x", keepalive=keepalive)
    where = ((Address(host=str(path), port=0),),)
    with _unix_server(path) as requests:
        outcome = run_engine(engine_plan(plan, where, worker=0, workers=1))
    assert outcome.closes
    assert outcome.total.succeeded == len(requests) > 20
    assert requests[0].startswith(b"GET /x HTTP/1.1\r\nHost: localhost\r\n")


def test_a_socket_without_a_server_refuses(tmp_path: Path) -> None:
    path = tmp_path / "s"
    where = ((Address(host=str(path), port=0),),)
    with socket.socket(socket.AF_UNIX) as nobody:
        nobody.bind(str(path))
        outcome = run_engine(engine_plan(_plan(), where, worker=0, workers=1))
    assert outcome.closes
    assert outcome.total.errors.keys() == {"connect_refused"}


def test_connections_come_from_the_local_addresses_in_turn() -> None:
    sources: list[str] = []

    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        sources.append(connection.getpeername()[0])
        while read_request(connection, peer):
            connection.sendall(HELLO)

    # The IPv6 address cannot reach this target and is passed over.
    plan = _plan(local_addresses=("127.0.0.7", "::1", "127.0.0.8"))
    with scripted_server(script) as peer:
        outcome = run_plan(plan, peer.port)
    assert outcome.total.succeeded == outcome.total.sent > 0
    assert sorted(sources) == ["127.0.0.7", "127.0.0.7", "127.0.0.8", "127.0.0.8"]


def test_a_local_address_of_another_machine_is_named_by_its_errors() -> None:
    with scripted_server(lambda *_: None) as peer:
        outcome = run_plan(_plan(local_addresses=("192.0.2.1",)), peer.port)
    assert outcome.closes
    assert outcome.total.errors.keys() == {"connect_no_ports"}


def test_what_is_no_address_is_refused() -> None:
    plan = engine_plan(_plan(), ((Address(host="localhost", port=1),),), worker=0, workers=1)
    with (
        Arena.create(workers=1, endpoints=1) as arena,
        pytest.raises(ValueError, match="'localhost' is not an IP address"),
    ):
        Engine(arena.memory, arena.slot_offset(0), plan)


def test_an_address_that_never_answers_is_set_aside_while_another_does() -> None:
    """Its one request waits for the connect timeout; nobody fails."""

    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        while read_request(connection, peer):
            connection.sendall(HELLO)

    with socket.create_server(("127.0.0.1", 0), backlog=0) as silent:
        port = silent.getsockname()[1]
        with (
            socket.create_connection(("127.0.0.1", port), 1),  # its queue is full now
            scripted_server(script) as peer,
        ):
            plan = _plan(concurrency=1, connect_timeout_s=0.2, duration_s=0.5)
            outcome = run_plan(plan, port, peer.port)
    total = outcome.total
    assert outcome.closes
    assert total.errors == {}
    assert total.succeeded == total.sent == peer.requests > 10
    assert total.latency.max_ns > 200_000_000
