"""Which servers may be loaded."""

from __future__ import annotations

import pytest

from loadgen.address import Address
from loadgen.allowlist import AllowList, AllowRule
from loadgen.errors import ConfigError
from loadgen.target_url import Target


def _list(*rules: str) -> AllowList:
    return AllowList(rules=tuple(map(AllowRule.parse, rules)), name="targets.allow of f.yml")


def _refuses(allow: AllowList, url: str, *hosts: str, resolved: bool = True) -> str:
    target = Target.parse(url)
    addresses = [Address(host=host, port=target.port) for host in hosts]
    try:
        allow.check(target, addresses, resolved=resolved)
    except ConfigError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("rule", "url", "hosts", "allowed"),
    [
        ("localhost", "http://localhost:8000", ["127.0.0.1", "::1"], True),
        ("localhost:8000", "http://localhost:8000", ["127.0.0.1"], True),
        ("localhost:8001", "http://localhost:8000", ["127.0.0.1"], False),
        ("LOCALHOST", "http://localhost", ["127.0.0.1"], True),
        ("*.example.com", "http://a.b.example.com", ["8.8.8.8"], True),
        ("*.example.com", "http://example.com", ["8.8.8.8"], False),
        ("*.example.com", "http://example.com.evil.net", ["8.8.8.8"], False),
        ("*.example.com", "http://aXexample.com", ["8.8.8.8"], False),
        ("staging-*.example.com", "http://staging-7.example.com", ["8.8.8.8"], True),
        ("10.0.0.0/8", "http://any.name", ["10.1.2.3", "10.3.2.1"], True),
        ("10.0.0.0/8", "http://any.name", ["10.1.2.3", "11.3.2.1"], False),
        ("10.0.0.0/8", "http://any.name", ["10.1.2.3", "fd00::1"], False),
        ("10.0.0.0/8", "http://any.name", ["::ffff:10.1.2.3"], True),
        ("10.0.0.0/8:8080", "http://any.name:8080", ["10.1.2.3"], True),
        ("10.0.0.0/8:8080", "http://any.name", ["10.1.2.3"], False),
        ("10.1.2.3", "http://10.1.2.3", ["10.1.2.3"], True),
        ("10.1.2.*", "http://10.1.2.3", ["10.1.2.3"], True),
        ("fd00::/8", "http://[fd00::1]", ["fd00::1"], True),
        ("[fd00::/8]:80", "http://[fd00::1]", ["fd00::1"], True),
        ("[fd00::/8]:81", "http://[fd00::1]", ["fd00::1"], False),
        ("/run/*.sock", "http+unix://%2Frun%2Fapp.sock", ["/run/app.sock"], True),
        ("/run/*.sock", "http+unix://%2Ftmp%2Fapp.sock", ["/tmp/app.sock"], False),
        ("*", "http+unix://%2Ftmp%2Fapp.sock", ["/tmp/app.sock"], True),
    ],
)
def test_a_rule_allows_what_it_names(rule: str, url: str, hosts: list[str], allowed: bool) -> None:
    assert (_refuses(_list(rule), url, *hosts) == "") is allowed


def test_one_rule_of_many_is_enough_and_each_address_may_have_its_own() -> None:
    allow = _list("other", "10.0.0.0/8", "192.168.0.0/16")
    assert _refuses(allow, "http://h", "10.0.0.1", "192.168.0.1") == ""


def test_a_name_does_not_vouch_for_an_address_that_was_given() -> None:
    allow = _list("staging.example.com", "127.0.0.0/8")
    assert _refuses(allow, "http://staging.example.com", "8.8.8.8") == ""
    assert _refuses(allow, "http://staging.example.com", "8.8.8.8", resolved=False)
    assert _refuses(allow, "http://staging.example.com", "127.0.0.1", resolved=False) == ""


def test_a_refusal_names_the_address_and_the_list() -> None:
    assert _refuses(_list("localhost", "10.0.0.0/8"), "http://h", "10.0.0.1", "11.0.0.1") == (
        "target http://h (11.0.0.1): refused by targets.allow of f.yml, which allows only "
        "localhost, 10.0.0.0/8; nothing was sent; check the target, or add it to the list"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "found '', expected a host such as"),
        ("http://h", "found 'http://h', expected a host such as"),
        ("10.0.0.1/8", "found '10.0.0.1/8', expected a network; did you mean 10.0.0.0/8?"),
        ("10.0.0.0/33", "found '10.0.0.0/33', expected a host such as"),
    ],
)
def test_what_is_no_rule(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        AllowRule.parse(text)
    assert str(caught.value).startswith(said)
