"""Credentials as headers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from loadgen.auth import Auth
from loadgen.errors import ConfigError
from loadgen.secret import Secret


def test_a_bearer_token_is_sent_as_rfc_6750_says() -> None:
    auth = Auth.bearer(Secret("mF_9.B5f-4.1JqM"))
    assert (auth.header, auth.value.reveal()) == ("Authorization", "Bearer mF_9.B5f-4.1JqM")
    assert auth.secrets == (Secret("mF_9.B5f-4.1JqM"),)


@pytest.mark.parametrize(
    ("user", "password", "value"),
    [
        # The examples of RFC 7617, sections 2 and 2.1.
        ("Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ("test", "123£", "Basic dGVzdDoxMjPCow=="),
    ],
)
def test_a_user_is_sent_as_rfc_7617_says(user: str, password: str, value: str) -> None:
    auth = Auth.basic(user, Secret(password))
    assert (auth.header, auth.value.reveal()) == ("Authorization", value)
    assert auth.secrets == (Secret(password), Secret(value.removeprefix("Basic ")))


def test_a_key_has_a_header_of_its_own() -> None:
    auth = Auth.api_key("X-API-Key", Secret("a key"))
    assert (auth.header, auth.value.reveal(), auth.secrets) == (
        "X-API-Key",
        "a key",
        (Secret("a key"),),
    )


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Auth.bearer(Secret("")), "the token is empty"),
        (lambda: Auth.bearer(Secret("s3cr3t x")), "the token has white space in it"),
        (lambda: Auth.bearer(Secret("s3cr3t\n")), "the token cannot be sent"),
        (lambda: Auth.basic("", Secret("x")), "the user name is empty"),
        (lambda: Auth.basic("a:b", Secret("x")), "or has a colon in it"),
        (lambda: Auth.basic("a", Secret("")), "the password is empty"),
        (lambda: Auth.api_key("X Y", Secret("s3cr3t")), "'X Y' is not a header name"),
        (lambda: Auth.api_key("Content-Length", Secret("1")), "is set by the body"),
        (lambda: Auth.api_key("X-Key", Secret("s3cr3t\r\nA: b")), "the value of X-Key cannot"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_not_shown(make: Callable[[], Auth], said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        make()
    assert "s3cr3t" not in str(caught.value)


def test_credentials_show_nothing() -> None:
    assert "s3cr3t" not in repr(Auth.basic("ann", Secret("s3cr3t")))
