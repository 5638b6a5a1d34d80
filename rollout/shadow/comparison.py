"""Two answers to one request held together: status, headers, body. Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from rollout.shadow.content import Content, ContentKind, header_value, read_contents
from rollout.shadow.difference import Difference, Kind
from rollout.shadow.json_difference import json_differences
from rollout.shadow.result import Part
from rollout.shadow.text_difference import text_differences

if TYPE_CHECKING:
    from rollout.shadow.pair import Exchange, Headers
    from rollout.shadow.rules import Rules

__all__ = ["differences"]

_COOKIES = "set-cookie"
_TIMES_OF_A_COOKIE = frozenset({"expires", "max-age"})


def differences(production: Exchange, other: Exchange, rules: Rules) -> tuple[Difference, ...]:
    """All in which an answer differs from production's.

    No answer and another status stand for themselves: what follows from them is not told.

    Args:
        production: a whole answer.
        other: of the canary, or of the second baseline.
        rules: what may differ.
    """
    if other.error:
        return (
            Difference(
                part=Part.ANSWER,
                kind=Kind.MISSING,
                production=f"status {production.status}",
                canary=other.error,
            ),
        )
    if other.status != production.status:
        return (
            Difference(
                part=Part.STATUS,
                kind=Kind.VALUE,
                production=production.status,
                canary=other.status,
            ),
        )
    return (
        *_header_differences(production.headers, other.headers, rules),
        *_body_differences(production, other, rules),
    )


def _header_differences(
    production: Headers, other: Headers, rules: Rules
) -> tuple[Difference, ...]:
    names = dict.fromkeys(name.lower() for name, _ in (*production, *other))
    found = []
    for name in names:
        if name in rules.headers:
            continue
        before, after = (_compared(headers, name) for headers in (production, other))
        if before is not None and after is not None and rules.kept(before) == rules.kept(after):
            continue
        kind = Kind.MISSING if after is None else Kind.EXTRA if before is None else Kind.VALUE
        found.append(
            Difference(part=Part.HEADER, kind=kind, name=name, production=before, canary=after)
        )
    return tuple(found)


def _compared(headers: Headers, name: str) -> str | None:
    """What is compared of a header: its value; None when it is not there."""
    if all(key.lower() != name for key, _ in headers):
        return None
    if name != _COOKIES:
        return header_value(headers, name)
    return "; ".join(sorted(_cookie(value) for key, value in headers if key.lower() == name))


def _cookie(value: str) -> str:
    """A cookie without its value and times, which differ from answer to answer."""
    first, *attributes = value.split(";")
    kept = sorted(
        part.strip()
        for part in attributes
        if part.strip().partition("=")[0].lower() not in _TIMES_OF_A_COOKIE
    )
    return ", ".join((first.partition("=")[0].strip(), *kept))


def _body_differences(
    production: Exchange, other: Exchange, rules: Rules
) -> tuple[Difference, ...]:
    before, after = read_contents(production, other)
    match before.kind, after.kind:
        case _ if before.body == after.body:
            found: tuple[Difference, ...] = ()
        case ContentKind.JSON, ContentKind.JSON:
            found = _json_differences(before, after, rules)
        case ContentKind.TEXT, ContentKind.TEXT:
            found = text_differences(before.text, after.text, rules)
        case _:
            found = (_other_body(before, after),)
    return found


def _json_differences(before: Content, after: Content, rules: Rules) -> tuple[Difference, ...]:
    try:
        return json_differences(before.json, after.json, rules)
    except RecursionError:
        return text_differences(before.text, after.text, rules)


def _other_body(before: Content, after: Content) -> Difference:
    """A body that cannot be held against the other one part by part."""
    kinds = {after.kind: Kind.MISSING, before.kind: Kind.EXTRA}
    kind = Kind.VALUE if before.kind is after.kind else kinds.get(ContentKind.EMPTY, Kind.TYPE)
    return Difference(part=Part.BINARY, kind=kind, production=_told(before), canary=_told(after))


def _told(content: Content) -> str:
    if content.kind is ContentKind.EMPTY:
        return "nothing"
    digest = hashlib.sha256(content.body).hexdigest()[:12]
    return f"{len(content.body)} bytes of {content.kind}, sha256 {digest}"
