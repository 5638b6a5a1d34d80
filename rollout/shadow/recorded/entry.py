"""One request that was written down, and what of it can be sent again. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from loadgen.endpoint import SENDABLE_PATH, header_problems, method_problems
from rollout.shadow.pair import Headers

__all__ = ["Entry", "UnreadableError", "checked_target", "sendable_headers"]

_NOT_SENT = frozenset(
    {
        *("connection", "keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer"),
        *("transfer-encoding", "upgrade", "http2-settings", "expect"),  # said to a neighbour
        *("host", "content-length"),  # ours
        *("if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range"),
        "accept-encoding",  # what a browser takes is more than what can be compared
    }
)
"""Fields that are not sent again. Conditions would get answers without a body, and both sides
name their versions of it differently."""


class UnreadableError(ValueError):
    """A line or entry that says of no request what it takes to send it; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request that was written down.

    Attributes:
        at_s: when, in seconds since some moment that is the same for all of a source.
        method: in capitals.
        target: path and query, percent-encoded.
        headers: that are sent again.
        body: likewise.
    """

    at_s: float
    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""


def checked_target(method: str, target: str) -> str:
    """The path and query of a request.

    Args:
        method: as it was written.
        target: likewise; a whole URL is what proxies are sent (RFC 9112 section 3.2.2).

    Raises:
        UnreadableError: they cannot be sent.
    """
    if problems := method_problems(method):
        raise UnreadableError(problems[0])
    if "://" in target.partition("?")[0]:
        try:
            parts = urlsplit(target)
        except ValueError as error:
            raise UnreadableError(f"URL {target[:80]!r} is none: {error}") from None
        target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    target = target.partition("#")[0]
    if not SENDABLE_PATH.fullmatch(target):
        raise UnreadableError(f"path {target[:80]!r} cannot be sent")
    return target


def sendable_headers(headers: Iterable[tuple[str, str]]) -> Headers:
    """Those that are sent again, of those that were."""
    return tuple(
        (name, value.strip())
        for name, value in headers
        if name.lower() not in _NOT_SENT
        and not name.startswith(":")  # HTTP/2 has the request line there
        and not header_problems([(name, value.strip())])
    )
