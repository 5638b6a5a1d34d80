"""auth: of loadgen.yml and --auth: who sends the requests. Pure but for reading a named file.

On the command line a secret is a reference only, ${NAME} or @FILE: every user of a machine
can read the arguments of every process. No message quotes what was written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    InstanceOf,
    Tag,
    ValidationInfo,
    model_validator,
)

from loadgen.auth import Auth
from loadgen.config.fields import describe, named_file, text
from loadgen.config.section import Section
from loadgen.config.variables import expand, has_variable
from loadgen.errors import ConfigError
from loadgen.secret import Secret

__all__ = [
    "AUTH_SECTIONS",
    "ApiKeyAuth",
    "AuthOptions",
    "BasicAuth",
    "BearerAuth",
    "auth_value",
]

FORMS = "bearer:TOKEN, basic:USER:PASSWORD or 'header:NAME: VALUE'"
A_REFERENCE = "a reference, such as 'bearer:${AUTH_TOKEN}' in single quotes or bearer:@FILE"


def _secret() -> BeforeValidator:
    """A text that is never shown."""

    def read(value: object) -> Secret:
        if not isinstance(value, str):
            raise ValueError(f"found {describe(value)}, expected text")
        return Secret(value)

    return BeforeValidator(read, json_schema_input_type=str)


def _secret_file() -> BeforeValidator:
    """The name of a file, replaced by the text in it."""

    def read(value: object, info: ValidationInfo) -> Secret:
        return _first_line(named_file(value, info))

    return BeforeValidator(read, json_schema_input_type=str)


_SecretText = Annotated[InstanceOf[Secret] | None, _secret()]
_SecretFile = Annotated[InstanceOf[Secret] | None, _secret_file()]


class _AuthSection(Section):
    """Credentials as a mapping; `auth` makes the value of them."""

    @model_validator(mode="after")
    def _sendable(self) -> _AuthSection:
        _checked(self.auth)
        return self

    def auth(self) -> Auth:
        raise NotImplementedError


class BearerAuth(_AuthSection):
    """A token: Authorization: Bearer ..."""

    type: Literal["bearer"]
    token: _SecretText = Field(default=None, description="The token, such as ${AUTH_TOKEN}.")
    file: _SecretFile = Field(default=None, description="Instead: file with the token.")

    def auth(self) -> Auth:
        """The value."""
        return Auth.bearer(_either("token", self.token, self.file))


class BasicAuth(_AuthSection):
    """A user and a password: Authorization: Basic ..."""

    type: Literal["basic"]
    username: Annotated[str, text()] = Field(description="The user, without a colon.")
    password: _SecretText = Field(default=None, description="The password.")
    file: _SecretFile = Field(default=None, description="Instead: file with the password.")

    def auth(self) -> Auth:
        """The value."""
        return Auth.basic(self.username, _either("password", self.password, self.file))


class ApiKeyAuth(_AuthSection):
    """A header of its own, such as X-API-Key."""

    type: Literal["api-key"]
    header: Annotated[str, text()] = Field(default="X-API-Key", description="Name of the header.")
    value: _SecretText = Field(default=None, description="Its value, such as ${API_KEY}.")
    file: _SecretFile = Field(default=None, description="Instead: file with the value.")

    def auth(self) -> Auth:
        """The value."""
        return Auth.api_key(self.header, _either("value", self.value, self.file))


AUTH_SECTIONS: Mapping[str, type[Section]] = {
    "bearer": BearerAuth,
    "basic": BasicAuth,
    "api-key": ApiKeyAuth,
}
"""By `type`."""


def _kind(value: object) -> str:
    """Which form a value has; pydantic names it in the place of an error."""
    return str(value.get("type")) if isinstance(value, Mapping) else "text"


def _text() -> BeforeValidator:
    """bearer:..., basic:...:... or header:...: ..."""

    def read(value: object, info: ValidationInfo) -> Auth:
        if not isinstance(value, str):
            raise ValueError(f"found {describe(value)}, expected {FORMS}")
        kind, _, rest = value.partition(":")
        match kind:
            case "bearer":
                return _checked(lambda: Auth.bearer(_reference(rest, info)))
            case "basic":
                return _checked(lambda: _basic(rest, info))
            case "header":
                name, _, secret = rest.partition(":")
                return _checked(lambda: Auth.api_key(name.strip(), _reference(secret, info)))
            case _:
                raise ValueError(f"found credentials of no known form, expected {FORMS}")

    return BeforeValidator(read, json_schema_input_type=str)


AuthOptions = Annotated[
    Annotated[InstanceOf[Auth], _text(), Tag("text")]
    | Annotated[BearerAuth, Tag("bearer")]
    | Annotated[BasicAuth, Tag("basic")]
    | Annotated[ApiKeyAuth, Tag("api-key")],
    Discriminator(_kind),
]
"""Either form."""


def auth_value(options: AuthOptions | None) -> Auth | None:
    """Either form of `auth` as a plan has it."""
    if options is None or isinstance(options, Auth):
        return options
    return options.auth()


def _basic(pair: str, info: ValidationInfo) -> Auth:
    if pair.startswith("@"):
        username, _, password = _first_line(named_file(pair[1:], info)).reveal().partition(":")
        return Auth.basic(username, Secret(password))
    username, _, password = pair.partition(":")
    return Auth.basic(_replaced(username, info), _reference(password, info))


def _reference(written: str, info: ValidationInfo) -> Secret:
    """A secret: read from @FILE; in an argument ${NAME} is replaced, and nothing else accepted."""
    written = written.strip()
    if written.startswith("@"):
        return _first_line(named_file(written[1:], info))
    if "argument_environ" in (info.context or {}) and not has_variable(written):
        raise ValueError(
            "found a secret written out, which everybody on this machine can read in the list of "
            f"processes; expected {A_REFERENCE}"
        )
    return Secret(_replaced(written, info))


def _replaced(written: str, info: ValidationInfo) -> str:
    environ = (info.context or {}).get("argument_environ")
    return written if environ is None else expand(written, environ)


def _first_line(content: bytes) -> Secret:
    """Editors end a file with a line feed; nobody means it as a part of the secret."""
    try:
        line = content.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise ValueError("found a file that is not UTF-8, expected one line of text") from None
    if "\n" in line:
        raise ValueError("found a file with more than one line, expected the secret alone")
    return Secret(line)


def _either(name: str, secret: Secret | None, file: Secret | None) -> Secret:
    if (secret is None) == (file is None):
        found = "neither" if secret is None else "both"
        raise ConfigError(f"found {found} of {name} and file, expected one of them")
    return secret or file or Secret("")


def _checked(make: Callable[[], Auth]) -> Auth:
    try:
        return make()
    except ConfigError as error:
        raise ValueError(error.problems[0]) from None
