"""Names to addresses."""

from __future__ import annotations

import socket

import pytest

from loadgen.address import Address
from loadgen.errors import TargetError
from loadgen.resolve import own_addresses, resolve
from loadgen.target_url import Target


def test_an_address_is_itself() -> None:
    assert resolve(Target.parse("http://127.0.0.1:8000")) == (Address(host="127.0.0.1", port=8000),)
    assert resolve(Target.parse("http://[::1]:80")) == (Address(host="::1", port=80),)


def test_localhost_resolves_to_loopback_addresses_each_once() -> None:
    found = resolve(Target.parse("http://localhost:8000"))
    assert {address.host for address in found} <= {"127.0.0.1", "::1"}
    assert len(set(found)) == len(found) >= 1


def test_a_name_that_does_not_resolve_says_so() -> None:
    with pytest.raises(TargetError, match="check its spelling, DNS and /etc/hosts"):
        resolve(Target.parse("http://no-such-host.invalid"))


def test_a_socket_is_its_own_address() -> None:
    target = Target.parse("http+unix://%2Frun%2Fapp.sock/")
    assert resolve(target) == (Address(host="/run/app.sock", port=0),)


def test_every_address_of_this_machine_can_be_bound_to() -> None:
    own = own_addresses()
    assert "127.0.0.1" in own
    for host in own:
        if "." in host:
            with socket.socket(socket.AF_INET) as one:
                one.bind((host, 0))
