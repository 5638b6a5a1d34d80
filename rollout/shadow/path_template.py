"""Paths put together that differ in identifiers only: /users/17 and /users/18 are one. Pure."""

from __future__ import annotations

import re
from urllib.parse import unquote

__all__ = ["endpoint_name", "is_identifier", "path_template"]

_IDENTIFIER = re.compile(
    r"""
      \d+ ([.,:T-]\d+)* Z?                              # numbers, dates, versions
    | [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}  # UUIDs
    | (?=[a-f]*\d) [0-9a-f]{8,}                         # hexadecimal
    | [a-z]{1,8}[-_]\d{3,}                              # with a prefix: ord_12345
    | (?=[a-z_]*\d) (?=[\d_]*[a-z]) \w{16,}             # tokens
    | \S+@\S+\.\S+                                      # e-mails
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
LONGEST = 80
"""Characters of a segment that is a name; nobody names anything longer."""


def is_identifier(text: str) -> bool:
    """True for what looks like one of many: a number, a UUID, a token, a date, an e-mail."""
    return len(text) > LONGEST or _IDENTIFIER.fullmatch(text) is not None


def path_template(target: str) -> str:
    """The path of a request, its identifiers as {id}.

    Args:
        target: as the request line has it; the query is left out.
    """
    path = target.partition("?")[0]
    return "/".join("{id}" if is_identifier(unquote(step)) else step for step in path.split("/"))


def endpoint_name(method: str, target: str) -> str:
    """What requests of a kind are called together: "GET /users/{id}"."""
    return f"{method} {path_template(target)}"
