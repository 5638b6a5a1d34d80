"""A client's request as the canary gets it: the same bytes, less what is said to a neighbour."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["copy_of"]

_END: Final = b"\r\n\r\n"
_NEIGHBOURLY: Final = frozenset(
    {
        b"connection",
        b"expect",  # the body follows at once
        b"http2-settings",
        b"keep-alive",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"upgrade",
    }
)
"""Fields that a client says to whoever it is connected to (RFC 9110 section 7.6.1).

Transfer-Encoding is one of them and stays: the body is sent as it came.
"""
_HAS_NEIGHBOURLY: Final = re.compile(rb"\r\n(?:%b):" % b"|".join(sorted(_NEIGHBOURLY)), re.I)


def copy_of(request: bytes, *, host: bytes = b"") -> bytes:
    """The bytes to send to a server that gets a copy.

    Args:
        request: whole, as it came.
        host: what the Host field shall say; empty: what the client said.
    """
    head, end, body = request.partition(_END)
    if not host and not _HAS_NEIGHBOURLY.search(head):
        return request
    line, *fields = head.split(b"\r\n")
    dropped = _NEIGHBOURLY | _listed(fields)
    kept = [field for field in fields if _name(field) not in dropped]
    if host:
        kept = [field for field in kept if _name(field) != b"host"]
        kept.insert(0, b"Host: " + host)
    return b"\r\n".join([line, *kept]) + end + body


def _name(field: bytes) -> bytes:
    return field.partition(b":")[0].lower()


def _listed(fields: list[bytes]) -> frozenset[bytes]:
    """Names that Connection lists: those are for the neighbour as well."""
    values = [field.partition(b":")[2] for field in fields if _name(field) == b"connection"]
    names = (name.strip().lower() for value in values for name in value.split(b","))
    return frozenset(names) - {b"transfer-encoding", b"content-length", b"host"}
