"""Sockets that share one port with each other and with nobody else."""

from __future__ import annotations

import resource
import socket

import pytest

from loadgen.errors import ConfigError
from loadgen.listening import listen_shared, parse_listen, raise_file_limit_to_hard
from loadgen.units import UnitError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:8000", ("127.0.0.1", 8000)),
        (":8080", ("", 8080)),
        ("[::1]:0", ("::1", 0)),
        ("app.example:80", ("app.example", 80)),
    ],
)
def test_addresses_are_read(text: str, expected: tuple[str, int]) -> None:
    assert parse_listen(text) == expected


@pytest.mark.parametrize("text", ["8080", "", ":", "host:port", ":65536", ":-1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UnitError, match="expected"):
        parse_listen(text)


def test_all_sockets_have_one_port() -> None:
    listeners = listen_shared("127.0.0.1", 0, sockets=3, who="test")
    try:
        assert len({listener.getsockname() for listener in listeners}) == 1
        assert len(listeners) == 3
    finally:
        for listener in listeners:
            listener.close()


def test_the_message_says_who_wanted_the_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigError) as caught:
            listen_shared("127.0.0.1", port, sockets=1, who="shadow")
    assert str(caught.value) == (
        f"shadow: 127.0.0.1:{port} is in use by another program; stop it or choose another port"
    )


def test_the_soft_limit_of_files_becomes_the_hard_one() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        raise_file_limit_to_hard()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (before[1], before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
