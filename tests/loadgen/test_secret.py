"""What must never be shown, however somebody tries."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from loadgen.secret import Secret, is_secret_header, shown_headers, strike_out


@dataclasses.dataclass(frozen=True)
class Holder:
    secret: Secret


def test_a_secret_shows_itself_only_to_who_asks() -> None:
    secret = Secret("s3cr3t")
    shown = [f"{secret}", f"{secret!r}", f"{secret:>9}", "%s" % secret, str([secret])]  # noqa: UP031 - one more way
    shown += [repr(Holder(secret)), str(dataclasses.asdict(Holder(secret)))]
    assert not [text for text in shown if "s3cr3t" in text]
    assert secret.reveal() == "s3cr3t"


def test_a_secret_is_a_value() -> None:
    secret = Secret("a")
    assert secret == Secret("a") != Secret("b")
    assert secret != "a"
    assert {secret, Secret("a")} == {secret}
    assert copy.deepcopy(secret) == pickle.loads(pickle.dumps(secret)) == secret


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("Authorization", True),
        ("proxy-authorization", True),
        ("Cookie", True),
        ("X-API-Key", True),
        ("apikey", True),
        ("X-Auth-Token", True),
        ("X-Amz-Security-Token", True),
        ("X-Auth", True),
        ("Accept", False),
        ("X-Author", False),
        ("Content-Type", False),
        ("X-Request-Id", False),
    ],
)
def test_which_headers_are_secret(name: str, secret: bool) -> None:
    assert is_secret_header(name) is secret
    assert shown_headers([(name, "abc")]) == ((name, "***" if secret else "abc"),)


def test_secrets_are_struck_out_the_longest_first_and_short_ones_are_left() -> None:
    secrets = [Secret("abcd"), Secret("abcdef"), Secret("xyz"), Secret("")]
    assert strike_out("abcdef abcd xyz .*", secrets) == "*** *** xyz .*"
    assert strike_out("abcd", []) == "abcd"


def test_a_secret_is_no_pattern() -> None:
    assert strike_out("aaaa a.*a", [Secret("a.*a")]) == "aaaa ***"
