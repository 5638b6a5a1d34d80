"""The port: shared by the target's processes, and by nobody else."""

from __future__ import annotations

import socket
from contextlib import suppress

import pytest

from loadgen.errors import ConfigError
from loadgen.target import Settings, running_target
from loadgen.target.server import serve
from tests.loadgen.target.client import Client, get, reset, stats

GET = b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n"


def test_all_processes_take_part_and_count_together() -> None:
    with running_target(processes=3) as url:
        for _ in range(60):
            with Client(url) as client:
                client.send(GET * 2)
                assert [client.answer().status, client.answer().status] == [200, 200]
        said = stats(url)
        assert said["requests"]["answered"] == 120
        assert said["connections"]["accepted"] == 60
        assert len(said["answered_by_process"]) == 3
        assert all(said["answered_by_process"]), "the kernel spreads connections by their ports"
        assert sum(said["answered_by_process"]) == 120
        reset(url)
        assert stats(url)["answered_by_process"] == [0, 0, 0]


@pytest.mark.parametrize(
    ("listen", "message"),
    [
        ("192.0.2.1:0", "target: 192.0.2.1:0 is not an address of this machine; use for example"),
        ("no.such.name.invalid:1", "target: cannot listen on no.such.name.invalid:1: "),
    ],
)
def test_an_address_that_is_not_ours_is_refused(listen: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        serve(Settings.parse(listen=listen), on_ready=pytest.fail)
    assert str(caught.value).startswith(message)


def test_a_port_in_use_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        where = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(ConfigError) as caught:
            serve(Settings.parse(listen=where, processes="2"), on_ready=pytest.fail)
    assert str(caught.value) == (
        f"target: {where} is in use by another program; stop it or choose another port"
    )


def test_a_second_target_does_not_share_the_port_of_the_first() -> None:
    """SO_REUSEPORT alone would let it, and half of the connections would go astray."""
    with running_target(processes=2) as url:
        where = url.removeprefix("http://")
        with pytest.raises(ConfigError, match="is in use"):
            serve(Settings.parse(listen=where), on_ready=pytest.fail)


def test_listens_on_ipv6() -> None:
    with suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        with running_target(listen="[::1]:0") as url:
            assert url.startswith("http://[::1]:")
            assert get(url, "/").status == 200
        return
    pytest.skip("this machine has no IPv6")
