"""Requests of our own, against a server that answers as two sides would."""

from __future__ import annotations

import socket
from itertools import count

from rollout.mark import Mark
from rollout.prober import Prober
from tests.scripted import Peer, read_request, scripted_server

MARK = Mark(header="X-Version", canary="v2", stable="v1")


def _answer(version: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nX-Version: {version}\r\nContent-Length: 0\r\n\r\n".encode()


def _sent(prober: Prober, n: int) -> None:
    """Waits until so many answers were told, or the test's own time limit ends it."""
    while (served := prober.served()).stable + served.canary < n:
        pass


def test_answers_are_counted_by_side_each_on_a_connection_of_its_own() -> None:
    def script(connection: socket.socket, number: int, _peer: Peer) -> None:
        assert b"Connection: close" in read_request(connection)
        connection.sendall(_answer("v2" if number % 4 == 0 else "v1"))

    with scripted_server(script) as peer:
        url = f"http://127.0.0.1:{peer.port}/orders?id=1"
        with Prober(url, MARK) as prober:
            _sent(prober, 40)
        served = prober.served()
        assert served.stable + served.canary == peer.connections
        assert abs(served.canary - peer.connections / 4) <= 1
        assert prober.trouble == ""


def test_what_tells_no_side_is_not_counted_and_said() -> None:
    numbers = count()

    def script(connection: socket.socket, number: int, _peer: Peer) -> None:
        read_request(connection)
        connection.sendall(_answer("v9" if next(numbers) < 3 else "v1"))

    with scripted_server(script) as peer:
        with Prober(f"http://127.0.0.1:{peer.port}", MARK) as prober:
            _sent(prober, 10)
        assert prober.served().stable == peer.connections - 3
        assert prober.trouble == "3 requests told no side, the last: X-Version: 'v9', status 200"


def test_a_door_that_is_shut_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with Prober(f"http://127.0.0.1:{port}", MARK) as prober:
        while not prober.trouble:
            pass
    assert prober.trouble.endswith("told no side, the last: Connection refused")
