"""Addresses, how near they are, and names whose addresses are given."""

from __future__ import annotations

import pytest

from loadgen.address import Address, Nearness, StaticName, check_ip, static_addresses
from loadgen.errors import ConfigError


@pytest.mark.parametrize(
    ("host", "nearness"),
    [
        ("127.0.0.1", Nearness.THIS_MACHINE),
        ("::1", Nearness.THIS_MACHINE),
        ("::ffff:127.0.0.1", Nearness.THIS_MACHINE),
        ("0.0.0.0", Nearness.THIS_MACHINE),
        ("/run/app.sock", Nearness.THIS_MACHINE),
        ("198.51.100.7", Nearness.THIS_MACHINE),  # in the test: our own
        ("10.0.0.1", Nearness.PRIVATE),
        ("172.16.0.1", Nearness.PRIVATE),
        ("192.168.1.1", Nearness.PRIVATE),
        ("100.64.0.1", Nearness.PRIVATE),
        ("169.254.1.1", Nearness.PRIVATE),
        ("fd00::1", Nearness.PRIVATE),
        ("fe80::1", Nearness.PRIVATE),
        ("8.8.8.8", Nearness.PUBLIC),
        ("::ffff:8.8.8.8", Nearness.PUBLIC),
        ("2606:4700::1111", Nearness.PUBLIC),
    ],
)
def test_how_near_an_address_is(host: str, nearness: Nearness) -> None:
    assert Address(host=host, port=80).nearness({"198.51.100.7"}) is nearness


@pytest.mark.parametrize(
    ("text", "host", "port", "addresses"),
    [
        ("example.com:443:127.0.0.1", "example.com", 443, ("127.0.0.1",)),
        ("Example.com:80:10.0.0.1,10.0.0.2", "example.com", 80, ("10.0.0.1", "10.0.0.2")),
        ("example.com:80:[::1]", "example.com", 80, ("::1",)),
        ("example.com:80:::1,127.0.0.1", "example.com", 80, ("::1", "127.0.0.1")),
        ("[::2]:80:127.0.0.1", "::2", 80, ("127.0.0.1",)),
        ("*:8080:127.0.0.1", "*", 8080, ("127.0.0.1",)),
    ],
)
def test_a_static_name_is_written_as_in_curl(
    text: str, host: str, port: int, addresses: tuple[str, ...]
) -> None:
    assert StaticName.parse(text) == StaticName(host=host, port=port, addresses=addresses)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("example.com", "expected HOST:PORT:ADDRESS"),
        ("example.com:80", "expected HOST:PORT:ADDRESS"),
        ("example.com:0:127.0.0.1", "expected HOST:PORT:ADDRESS"),
        ("example.com:65536:127.0.0.1", "expected HOST:PORT:ADDRESS"),
        ("example.com:80:elsewhere", "found 'elsewhere', expected an IP address"),
        ("example.com:80:1.2.3.4,", "found '', expected an IP address"),
    ],
)
def test_what_is_no_static_name(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        StaticName.parse(text)


def test_a_given_address_holds_for_its_host_and_port_and_the_last_one_wins() -> None:
    names = [
        StaticName.parse("a:80:127.0.0.1"),
        StaticName.parse("a:81:127.0.0.2"),
        StaticName.parse("a:80:127.0.0.3"),
        StaticName.parse("*:90:127.0.0.4"),
    ]
    assert static_addresses(names, "a", 80) == (Address(host="127.0.0.3", port=80),)
    assert static_addresses(names, "a", 81) == (Address(host="127.0.0.2", port=81),)
    assert static_addresses(names, "b", 90) == (Address(host="127.0.0.4", port=90),)
    assert static_addresses(names, "b", 80) is None


def test_an_address_has_one_form() -> None:
    assert check_ip(" [2001:DB8:0::1] ") == "2001:db8::1"
    with pytest.raises(ConfigError, match="expected an IP address"):
        check_ip("localhost")
