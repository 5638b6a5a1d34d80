"""What is found out before a run."""

from __future__ import annotations

import resource
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from loadgen.address import Address
from loadgen.errors import ConfigError, TargetError
from loadgen.plan import Plan
from loadgen.preflight import raise_file_limit, require_listener, require_local_addresses
from loadgen.target_url import Target

TARGET = Target.parse("http://localhost:1")


def _address(port: int) -> Address:
    return Address(host="127.0.0.1", port=port)


@pytest.fixture
def dead_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.fixture
def live_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_one_address_that_accepts_is_enough(dead_port: int, live_port: int) -> None:
    require_listener(TARGET, (_address(dead_port), _address(live_port)))


def test_a_socket_is_connected_to_by_its_path(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        require_listener(TARGET, (Address(host=path, port=0),))
    with pytest.raises(TargetError, match=f"{path}: connection refused"):
        require_listener(TARGET, (Address(host=path, port=0),))


def test_the_connection_comes_from_the_local_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        require_listener(
            TARGET, (_address(listener.getsockname()[1]),), local_addresses=("::1", "127.0.0.9")
        )
        connection, peer = listener.accept()
        connection.close()
    assert peer[0] == "127.0.0.9"


def test_a_local_address_must_be_this_machine_s() -> None:
    require_local_addresses(("127.0.0.1", "127.0.0.9"))
    with pytest.raises(ConfigError) as caught:
        require_local_addresses(("127.0.0.1", "192.0.2.1"))
    assert caught.value.problems == (
        "--local-address: found 192.0.2.1, which cannot be used (cannot assign requested "
        "address); expected an address of this machine (ip address show)",
    )


def test_each_refusal_is_named(dead_port: int) -> None:
    with pytest.raises(TargetError) as caught:
        require_listener(TARGET, (_address(dead_port),))
    assert str(caught.value) == (
        f"target http://localhost:1 cannot be connected to (127.0.0.1 port {dead_port}: "
        "connection refused); check that the server runs, its port, and any firewall between "
        "here and there"
    )


def test_silence_is_named_after_the_patience() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        waiting = [socket.create_connection(("127.0.0.1", port), 1) for _ in range(1)]
        with pytest.raises(TargetError, match=f"port {port}: no answer"):
            require_listener(TARGET, (_address(port),), patience_s=0.1)
        for one in waiting:
            one.close()


@pytest.fixture
def file_limits() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.usefixtures("file_limits")
def test_the_soft_limit_is_raised_as_far_as_needed() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    raise_file_limit(Plan(concurrency=100), 1)
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 256
    raise_file_limit(Plan(concurrency=1000), 2)
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 564


def test_a_hard_limit_below_the_connections_is_a_configuration_error() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or hard > 900_000:
        pytest.skip(f"the hard limit of open files is {hard}: no plan can exceed it")
    with pytest.raises(ConfigError, match=f"and the hard limit is {hard}; raise it"):
        raise_file_limit(Plan(concurrency=1_000_000), 1)
