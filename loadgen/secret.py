"""What must never be shown: a value that hides itself, and texts with secrets struck out. Pure.

Redaction is by rule, not by place: whoever shows a header or a body uses these functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["HIDDEN", "Secret", "is_secret_header", "shown_headers", "strike_out"]

HIDDEN = "***"
"""What stands where a secret would."""
SHORTEST = 4
"""Characters; striking out shorter secrets would hide every second word and reveal the secret."""
_SECRET_NAMES = re.compile(
    r"authoriz|authentic|auth-|-auth\b|cookie|token|secret|passw|api-?key|credential|session|"
    r"signature",
    re.IGNORECASE,
)


class Secret:
    """A text that shows itself only to who asks for it by `reveal`.

    No dataclass: `dataclasses.asdict` would take it apart.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself: for the wire, and for nothing that people read."""
        return self._value

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __format__(self, format_spec: str) -> str:
        return format(HIDDEN, format_spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)


def is_secret_header(name: str) -> bool:
    """True for headers whose value says who somebody is: Authorization, Cookie, X-API-Key, ..."""
    return _SECRET_NAMES.search(name) is not None


def shown_headers(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Headers as they may be shown: the values of secret ones hidden."""
    return tuple((name, HIDDEN if is_secret_header(name) else value) for name, value in headers)


def strike_out(text: str, secrets: Iterable[Secret]) -> str:
    """A text that came from elsewhere (an answer's body), every secret in it hidden."""
    values = {secret.reveal() for secret in secrets}
    known = sorted((value for value in values if len(value) >= SHORTEST), key=len, reverse=True)
    if not known:
        return text
    return re.sub("|".join(map(re.escape, known)), HIDDEN, text)
