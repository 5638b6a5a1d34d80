"""What an endpoint's answers are held against, besides their status. Values only, pure.

`_ext/lg_check.h` does the checking; what failed comes back as the name of a kind
(`loadgen.arena.CHECK_KINDS`), and `Checks.reason` says it in words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = [
    "MAX_HEADERS",
    "MAX_NEEDLES",
    "MAX_NEEDLE_BYTES",
    "Checks",
    "HeaderCheck",
    "format_statuses",
    "parse_statuses",
]

MAX_HEADERS = 4
MAX_NEEDLES = 4
"""Texts that a body must or must not contain: each is searched for in every body."""
MAX_NEEDLE_BYTES = 1024
MAX_VALUE_BYTES = 2048
"""Of a header's value; the engine reads no more of it."""
_STATUSES = re.compile(r"([1-5][0-9]{2})(?:\s*-\s*([1-5][0-9]{2}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderCheck:
    """A header that an answer must have.

    Attributes:
        name: in any case.
        value: what a value of that header must contain, byte by byte; "" is in any value.
        equals: the whole value must be `value`.
    """

    name: str
    value: str = ""
    equals: bool = False

    def __str__(self) -> str:
        if not self.value:
            return self.name
        return f"{self.name} {'is' if self.equals else 'contains'} {self.value!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """Everything that an answer must meet to be a success; empty: a status below 400.

    Attributes:
        statuses: ranges (first, last), both included, outside of which an answer fails its
            check; empty: any status passes, and 400 and above fail by themselves.
        body_contains: texts that must be in the body, as it is sent.
        body_excludes: texts that must not.
        body_min_bytes: bounds of the body's size, as it is sent.
        body_max_bytes: None: no bound.
    """

    statuses: tuple[tuple[int, int], ...] = ()
    headers: tuple[HeaderCheck, ...] = ()
    body_contains: tuple[bytes, ...] = ()
    body_excludes: tuple[bytes, ...] = ()
    body_min_bytes: int = 0
    body_max_bytes: int | None = None

    def __bool__(self) -> bool:
        return self != Checks()

    @property
    def needles(self) -> tuple[tuple[bytes, bool], ...]:
        """What bodies are searched for, and whether it must not be there."""
        return (
            *((text, False) for text in self.body_contains),
            *((text, True) for text in self.body_excludes),
        )

    def problems(self) -> list[str]:
        """What keeps these checks from being made, one sentence each."""
        problems = [
            f"check: {what}: {found} given; expected at most {most}"
            for what, found, most in (
                ("headers", len(self.headers), MAX_HEADERS),
                ("texts in the body", len(self.needles), MAX_NEEDLES),
            )
            if found > most
        ]
        problems += [
            f"check: a text of {len(text)} bytes for the body; expected 1 to {MAX_NEEDLE_BYTES}"
            for text, _ in self.needles
            if not 1 <= len(text) <= MAX_NEEDLE_BYTES
        ]
        problems += [
            f"check: header {one.name!r}: a value longer than {MAX_VALUE_BYTES} bytes is never read"
            for one in self.headers
            if len(one.value.encode()) > MAX_VALUE_BYTES
        ]
        problems += [
            f"check: status {first}-{last} is no range; expected within 100-599"
            for first, last in self.statuses
            if not 100 <= first <= last <= 599
        ]
        most_bytes = self.body_max_bytes
        if self.body_min_bytes < 0 or (most_bytes is not None and most_bytes < self.body_min_bytes):
            problems.append(
                f"check: body size {self.body_min_bytes}..{most_bytes} is no range; "
                "expected 0 <= smallest <= largest"
            )
        return problems

    def reason(self, kind: str, index: int, *, status: int, body_bytes: int) -> str:
        """Why an answer failed, as a clause.

        Args:
            kind: of loadgen.arena.CHECK_KINDS.
            index: which header or text, in the order of `headers` or `needles`.
            status: the answer's.
            body_bytes: size of its body.
        """
        if kind.startswith("header"):
            wanted = self.headers[index]
            relation = "is not" if wanted.equals else "does not contain"
            fault = "is missing" if kind == "header_missing" else f"{relation} {wanted.value!r}"
            return f"header {wanted.name} {fault}"
        if kind in {"body_lacks", "body_has"}:
            relation = "does not contain" if kind == "body_lacks" else "contains"
            text = self.needles[index][0].decode("utf-8", "backslashreplace")
            return f"body {relation} {text!r}"
        largest = "any" if self.body_max_bytes is None else f"{self.body_max_bytes:,}"
        return {
            "status": f"status {status} is not in {format_statuses(self.statuses)}",
            "body_small": f"body of {body_bytes:,} bytes; expected {self.body_min_bytes:,} or more",
            "body_large": f"body of {body_bytes:,} bytes; expected {largest} or less",
            "body_encoded": "body is compressed although it was asked for plain; not searched",
        }[kind]


def parse_statuses(text: str) -> tuple[tuple[int, int], ...]:
    """Reads statuses and ranges of them: "200, 201, 300-399".

    Raises:
        ValueError: says what was found and what was expected.
    """
    ranges = []
    for part in text.split(","):
        match = _STATUSES.fullmatch(part.strip())
        first, last = (match[1], match[2] or match[1]) if match else ("", "")
        if not match or first > last:
            raise ValueError(f"found {part.strip()!r}, expected statuses such as 200,201,300-399")
        ranges.append((int(first), int(last)))
    return tuple(ranges)


def format_statuses(statuses: tuple[tuple[int, int], ...]) -> str:
    """Statuses as `parse_statuses` reads them."""
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in statuses)
