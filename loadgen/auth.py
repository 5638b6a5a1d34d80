"""How requests say who sends them: one header, whose value is a secret. Pure."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from loadgen.endpoint import header_problems
from loadgen.errors import ConfigError
from loadgen.secret import Secret

__all__ = ["Auth"]

AUTHORIZATION = "Authorization"


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """The credentials of a run, made by `bearer`, `basic` or `api_key`.

    Attributes:
        header: name of the header that carries them.
        value: its value.
        secrets: all texts that give the credentials away, for `loadgen.secret.strike_out`.
    """

    header: str
    value: Secret
    secrets: tuple[Secret, ...]

    @classmethod
    def bearer(cls, token: Secret) -> Auth:
        """A token (RFC 6750 section 2.1).

        Raises:
            ConfigError: the token cannot be sent.
        """
        _check("the token", token)
        if any(ch.isspace() for ch in token.reveal()):
            raise ConfigError("the token has white space in it, expected the token alone")
        return cls(header=AUTHORIZATION, value=Secret(f"Bearer {token.reveal()}"), secrets=(token,))

    @classmethod
    def basic(cls, username: str, password: Secret) -> Auth:
        """A user and a password, sent as UTF-8 (RFC 7617 section 2.1).

        Raises:
            ConfigError: they cannot be sent.
        """
        if not username or ":" in username:
            raise ConfigError("the user name is empty or has a colon in it, expected one without")
        if not password.reveal():
            raise ConfigError("the password is empty, expected one")
        pair = f"{username}:{password.reveal()}".encode()
        encoded = Secret(base64.b64encode(pair).decode())
        return cls(
            header=AUTHORIZATION,
            value=Secret(f"Basic {encoded.reveal()}"),
            secrets=(password, encoded),
        )

    @classmethod
    def api_key(cls, header: str, value: Secret) -> Auth:
        """A header of its own, such as X-API-Key.

        Raises:
            ConfigError: the header cannot be sent.
        """
        if problems := header_problems([(header, "")]):
            raise ConfigError(problems[0])
        _check(f"the value of {header}", value)
        return cls(header=header, value=value, secrets=(value,))


def _check(what: str, secret: Secret) -> None:
    if not secret.reveal():
        raise ConfigError(f"{what} is empty, expected one")
    if header_problems([("X", secret.reveal())]):
        raise ConfigError(
            f"{what} cannot be sent, expected no line break, no control character and nothing "
            "beyond Latin-1"
        )
