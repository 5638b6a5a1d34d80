"""auth: as a text, as a mapping, and as an argument that everybody can see."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from loadgen.config.auth import AuthOptions, auth_value

FILES = {
    "token": b"from-a-file\n",
    "windows": b"from-a-file\r\n",
    "pair": b"ann:pass:word\n",
    "two": b"s3cr3t\nlines\n",
    "latin": b"s3cr3t\xe9",
    "empty": b"\n",
}
ENVIRON = {"TOKEN": "from-the-environment"}
ADAPTER: TypeAdapter[AuthOptions] = TypeAdapter(AuthOptions)


def _read(name: str) -> bytes:
    if name not in FILES:
        raise FileNotFoundError(2, "No such file or directory", name)
    return FILES[name]


def _header(written: object, *, argument: bool = False) -> tuple[str, str]:
    context: dict[str, object] = {"read_body": _read}
    if argument:
        context["argument_environ"] = ENVIRON
    auth = auth_value(ADAPTER.validate_python(written, context=context))
    assert auth is not None
    return auth.header, auth.value.reveal()


def _refusal(written: object, *, argument: bool = False) -> str:
    with pytest.raises(ValidationError) as caught:
        _header(written, argument=argument)
    return str(caught.value.errors()[0]["msg"])


def test_nothing_is_nobody() -> None:
    assert auth_value(None) is None


@pytest.mark.parametrize(
    ("written", "header"),
    [
        ("bearer:abc", ("Authorization", "Bearer abc")),
        ("bearer: abc ", ("Authorization", "Bearer abc")),
        ("bearer:@token", ("Authorization", "Bearer from-a-file")),
        ("bearer:@windows", ("Authorization", "Bearer from-a-file")),
        ("basic:Aladdin:open sesame", ("Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")),
        ("basic:ann:@token", ("Authorization", "Basic YW5uOmZyb20tYS1maWxl")),
        ("basic:@pair", ("Authorization", "Basic YW5uOnBhc3M6d29yZA==")),
        ("header:X-API-Key: abc", ("X-API-Key", "abc")),
        ("header:X-API-Key:@token", ("X-API-Key", "from-a-file")),
        ({"type": "bearer", "token": "abc"}, ("Authorization", "Bearer abc")),
        ({"type": "bearer", "file": "token"}, ("Authorization", "Bearer from-a-file")),
        ({"type": "api-key", "value": "abc"}, ("X-API-Key", "abc")),
        ({"type": "api-key", "header": "X-K", "file": "token"}, ("X-K", "from-a-file")),
        (
            {"type": "basic", "username": "Aladdin", "password": "open sesame"},
            ("Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ),
        (
            {"type": "basic", "username": "ann", "file": "token"},
            ("Authorization", "Basic YW5uOmZyb20tYS1maWxl"),
        ),
    ],
)
def test_credentials_of_a_file(written: object, header: tuple[str, str]) -> None:
    assert _header(written) == header


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("abc", "found credentials of no known form, expected bearer:TOKEN, basic:USER:PASSWORD"),
        ("digest:s3cr3t", "found credentials of no known form"),
        (["bearer:s3cr3t"], "found a list, expected bearer:TOKEN"),
        ("bearer:", "the token is empty"),
        ("bearer:@none", "found 'none', which cannot be read (No such file or directory)"),
        ("bearer:@two", "found a file with more than one line, expected the secret alone"),
        ("bearer:@latin", "found a file that is not UTF-8"),
        ("bearer:@empty", "the token is empty"),
        ("basic:ann", "the password is empty"),
        ({"type": "bearer"}, "found neither of token and file, expected one of them"),
        (
            {"type": "bearer", "token": "s3cr3t", "file": "token"},
            "found both of token and file, expected one of them",
        ),
        ({"type": "basic", "username": "a:b", "password": "s3cr3t"}, "has a colon in it"),
        ({"type": "api-key", "header": "X Y", "value": "s3cr3t"}, "'X Y' is not a header name"),
        ({"type": "bearer", "token": ["s3cr3t"]}, "found a list, expected text"),
    ],
)
def test_what_is_wrong_is_said_without_the_secret(written: object, said: str) -> None:
    refusal = _refusal(written)
    assert said in refusal
    assert "s3cr3t" not in refusal


@pytest.mark.parametrize(
    ("written", "header"),
    [
        ("bearer:${TOKEN}", ("Authorization", "Bearer from-the-environment")),
        ("bearer:@token", ("Authorization", "Bearer from-a-file")),
        ("basic:ann:${TOKEN}", ("Authorization", "Basic YW5uOmZyb20tdGhlLWVudmlyb25tZW50")),
        ("basic:@pair", ("Authorization", "Basic YW5uOnBhc3M6d29yZA==")),
        ("header:X-API-Key: ${TOKEN}", ("X-API-Key", "from-the-environment")),
    ],
)
def test_an_argument_refers_to_its_secret(written: str, header: tuple[str, str]) -> None:
    assert _header(written, argument=True) == header


@pytest.mark.parametrize(
    "written", ["bearer:s3cr3t", "basic:ann:s3cr3t", "header:X-API-Key: s3cr3t"]
)
def test_an_argument_that_is_the_secret_is_refused(written: str) -> None:
    refusal = _refusal(written, argument=True)
    assert "can read in the list of processes; expected a reference" in refusal
    assert "s3cr3t" not in refusal


def test_a_variable_that_is_not_set_is_named() -> None:
    assert "the variable NONE is not set" in _refusal("bearer:${NONE}", argument=True)
