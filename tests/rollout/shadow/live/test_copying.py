"""What of a client's request the canary gets."""

from __future__ import annotations

import pytest

from rollout.shadow.live.copying import copy_of


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("Host: a\r\nAccept: */*", "Host: a\r\nAccept: */*"),
        ("Host: a\r\nConnection: close", "Host: a"),
        ("Host: a\r\nCONNECTION: keep-alive\r\nX: y", "Host: a\r\nX: y"),
        ("Connection: X-Own, close\r\nx-own: 1\r\nHost: a", "Host: a"),
        ("Host: a\r\nExpect: 100-continue\r\nContent-Length: 3", "Host: a\r\nContent-Length: 3"),
        ("Upgrade: h2c\r\nHTTP2-Settings: AA\r\nHost: a", "Host: a"),
        (
            "Transfer-Encoding: chunked\r\nConnection: transfer-encoding",
            "Transfer-Encoding: chunked",
        ),
        ("Cookie: connection: close", "Cookie: connection: close"),
    ],
)
def test_what_is_said_to_a_neighbour_is_left_out(fields: str, expected: str) -> None:
    wire = f"GET / HTTP/1.1\r\n{fields}\r\n\r\nConnection: body\r\n".encode()
    assert copy_of(wire) == f"GET / HTTP/1.1\r\n{expected}\r\n\r\nConnection: body\r\n".encode()


def test_the_host_can_be_the_servers_own() -> None:
    wire = b"GET / HTTP/1.1\r\nAccept: */*\r\nhost: shop.example\r\n\r\n"
    assert copy_of(wire, host=b"canary:81") == (
        b"GET / HTTP/1.1\r\nHost: canary:81\r\nAccept: */*\r\n\r\n"
    )
