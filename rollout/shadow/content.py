"""What is in the bodies of two answers: JSON, text or bytes, Content-Encoding undone. Pure."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loadgen.json_text import Json
    from rollout.shadow.pair import Exchange, Headers

__all__ = ["MOST_BYTES", "Content", "ContentKind", "header_value", "read_contents"]

MOST_BYTES = 8 * 1024 * 1024
"""Of a body that was compressed: a kilobyte may stand for a gigabyte of zeros."""
_ANY_HEADER = 47
"""zlib.h: gzip or zlib, whichever comes, with the largest window."""
_NO_HEADER = -15
"""What some servers send as "deflate" (RFC 9110 section 8.4.1.2 knows of them)."""
_TEXTS = ("text/", "xml", "javascript", "yaml", "urlencoded", "graphql")


class ContentKind(StrEnum):
    """How a body is held against another one."""

    EMPTY = "nothing"
    JSON = "JSON"
    TEXT = "text"
    BINARY = "binary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A body.

    Attributes:
        kind: how it is compared.
        body: decoded.
        text: the same as text; "" when it is none.
        json: parsed; None when it is none.
    """

    kind: ContentKind
    body: bytes
    text: str = ""
    json: Json = None


def read_contents(production: Exchange, other: Exchange) -> tuple[Content, Content]:
    """The bodies of two answers; when one was cut, both end there: the rest is not known."""
    sides = (production, other)
    bodies = [_decoded(side) for side in sides]
    cuts = [
        len(body)
        for side, body in zip(sides, bodies, strict=True)
        if side.truncated or len(body) >= MOST_BYTES
    ]
    most = min(cuts, default=None)
    first, second = (
        _content(body[:most], header_value(side.headers, "content-type"), is_cut=bool(cuts))
        for side, body in zip(sides, bodies, strict=True)
    )
    return first, second


def header_value(headers: Headers, name: str) -> str:
    """The values of a header as one text, as RFC 9110 section 5.3 puts them together.

    Args:
        headers: of a message.
        name: in lower case.
    """
    return ", ".join(value for key, value in headers if key.lower() == name)


def _decoded(side: Exchange) -> bytes:
    """The body without its Content-Encoding; as it is when that cannot be undone."""
    encoding = header_value(side.headers, "content-encoding").strip().lower()
    ways = {
        "gzip": (_ANY_HEADER,),
        "x-gzip": (_ANY_HEADER,),
        "deflate": (_ANY_HEADER, _NO_HEADER),
    }.get(encoding, ())
    for way in ways:
        try:
            return zlib.decompressobj(way).decompress(side.body, MOST_BYTES)
        except zlib.error:
            continue
    return side.body


def _content(body: bytes, content_type: str, *, is_cut: bool) -> Content:
    media_type, _, parameters = content_type.lower().partition(";")
    text = _text(body, media_type, parameters, is_cut=is_cut)
    if not body:
        return Content(kind=ContentKind.EMPTY, body=body)
    if text is None:
        return Content(kind=ContentKind.BINARY, body=body)
    if not is_cut and ("json" in media_type or (not media_type and text.lstrip()[:1] in "{[")):
        try:
            return Content(kind=ContentKind.JSON, body=body, text=text, json=json.loads(text))
        except (ValueError, RecursionError):
            pass  # it says that it is JSON and is not: compared as the text that it is
    return Content(kind=ContentKind.TEXT, body=body, text=text)


def _text(body: bytes, media_type: str, parameters: str, *, is_cut: bool) -> str | None:
    """A body as text, when it is some."""
    known = not media_type or "json" in media_type or any(word in media_type for word in _TEXTS)
    if not known or b"\0" in body:
        return None
    _, _, charset = parameters.partition("charset=")
    charset = charset.partition(";")[0].strip(" \"'") or "utf-8"
    try:
        return body.decode(charset, "replace" if is_cut else "strict")
    except (UnicodeDecodeError, LookupError):
        return None
