"""What may differ between two answers: headers, places in JSON, text, order, numbers. Pure."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, TypeAlias

from loadgen.config.shadow_section import IgnoreSection, ShadowSection, Tolerance
from loadgen.json_path import Cursor, JsonPath, cursor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["ALWAYS_IGNORED", "JsonRules", "Mark", "Rules"]

ALWAYS_IGNORED = frozenset(
    {
        *("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding"),
        *("upgrade", "via"),  # the way of an answer (RFC 9110 section 7.6)
        *("age", "date"),  # its time
        "content-length",  # its body says it, and rules about the body would not reach it
    }
)
"""Headers, in lower case, that say nothing about the version that answers."""


class Mark(Enum):
    """What a rule says of a place in JSON."""

    IGNORED = auto()
    UNORDERED = auto()


_Role: TypeAlias = Mark | Tolerance
MOST_REMEMBERED = 1_000
"""Keys of one place; identifiers may be keys, and there is no end of them."""


class JsonRules:
    """The rules as they stand at one place of a document.

    Places at which the same holds, for them and all that is below them, are one object, which
    remembers where its keys lead: a document is walked without looking at the paths again.

    Attributes:
        is_ignored: nothing here matters.
        is_unordered: the order of the list that stands here does not matter.
    """

    __slots__ = ("_at", "_below", "_known", "_roles", "_tolerances", "is_ignored", "is_unordered")

    def __init__(
        self, at: Cursor, roles: tuple[_Role, ...], known: dict[Cursor, JsonRules]
    ) -> None:
        here = [roles[index] for index in at.here]
        self.is_ignored = Mark.IGNORED in here
        self.is_unordered = Mark.UNORDERED in here
        self._tolerances = [role for role in here if isinstance(role, Tolerance)]
        self._at = at
        self._roles = roles
        self._known = known
        self._below: dict[str | int, JsonRules] = {}

    @classmethod
    def at_root(cls, rules: Iterable[tuple[JsonPath, _Role]]) -> JsonRules:
        """The rules at the root of a document."""
        pairs = tuple(rules)
        return cls(cursor([path for path, _ in pairs]), tuple(role for _, role in pairs), {})

    def below(self, key: str | int) -> JsonRules:
        """The rules at a child."""
        found = self._below.get(key)
        if found is None:
            at = self._at.below(key)
            found = self._known.setdefault(at, JsonRules(at, self._roles, self._known))
            if len(self._below) < MOST_REMEMBERED:
                self._below[key] = found
        return found

    def is_close(self, first: float, second: float) -> bool:
        """True when two numbers that stand here are the same, or near enough."""
        if first == second or (first != first and second != second):  # noqa: PLR0124 - NaN
            return True
        return any(_within(first, second, role) for role in self._tolerances)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What may differ.

    Attributes:
        headers: names in lower case, ALWAYS_IGNORED among them.
        text: what matches is taken out of texts before they are held together.
        json: where nothing matters, where order does not, and how far numbers may be apart.
    """

    headers: frozenset[str] = ALWAYS_IGNORED
    text: tuple[re.Pattern[str], ...] = ()
    json: JsonRules = field(default_factory=lambda: JsonRules.at_root(()))

    @classmethod
    def from_section(cls, section: ShadowSection | None) -> Rules:
        """The rules of a config file; None: it has none."""
        if section is None:
            return cls()
        ignore = section.ignore or IgnoreSection()
        return cls(
            headers=ALWAYS_IGNORED | {name.lower() for name in ignore.headers or ()},
            text=tuple(ignore.regex or ()),
            json=JsonRules.at_root(
                [
                    *((path, Mark.IGNORED) for path in ignore.json_paths or ()),
                    *((path, Mark.UNORDERED) for path in section.unordered or ()),
                    *_tolerances(section.tolerance or {}),
                ]
            ),
        )

    def kept(self, text: str) -> str:
        """What is left of a text when all that may differ is taken out."""
        for pattern in self.text:
            text = pattern.sub("", text)
        return text


def _tolerances(section: Mapping[str, Tolerance]) -> list[tuple[JsonPath, Tolerance]]:
    return [(JsonPath.parse(path), tolerance) for path, tolerance in section.items()]


def _within(first: float, second: float, tolerance: Tolerance) -> bool:
    try:
        apart, largest = abs(first - second), max(abs(first), abs(second))
        return math.isfinite(apart) and apart <= max(tolerance.absolute, tolerance.ratio * largest)
    except OverflowError:  # an integer beyond the range of floats
        return False
