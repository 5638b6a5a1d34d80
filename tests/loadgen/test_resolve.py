"""Names to addresses."""

from __future__ import annotations

import pytest

from loadgen.errors import TargetError
from loadgen.resolve import is_local, resolve
from loadgen.target_url import Target
from loadgen.wire import Address


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


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("::1", True), ("127.8.8.8", True), ("192.0.2.1", False)],
)
def test_a_target_on_this_machine_is_recognised(host: str, local: bool) -> None:
    assert is_local([Address(host=host, port=80)]) is local
