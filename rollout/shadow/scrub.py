"""What was seen, as it may be written down: no credentials, tokens, e-mails, card numbers. Pure.

Everything of an answer or a log that leaves this process comes from here. It is scrubbed whole and
shortened afterwards: half of an e-mail would not be known for one.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loadgen.config.shadow_section import ScrubSection, ShadowSection
from loadgen.json_path import Cursor, JsonPath, cursor
from loadgen.secret import HIDDEN, is_secret_header
from rollout.shadow.result import Part

if TYPE_CHECKING:
    from loadgen.json_text import Json
    from rollout.shadow.difference import Difference

__all__ = ["MOST_SHOWN", "Scrubber"]

MOST_SHOWN = 160
"""Characters of an example."""
BEFORE = 40
"""Of these, characters before the first that differs."""
CONTEXT = 1_000
"""Characters before the first that differs which are scrubbed, so that no secret is halved."""
MOST_READ = 65_536
"""Characters that are scrubbed at all."""
STRADDLING = 512
"""Characters at the end of what is read that may be the beginning of a secret; not shown."""
_SECRET_NAME = (
    r"(?=[\w-]*?(?:token|secret|passw(?:or)?d|pwd|api[-_]?key|credential|session"
    r"|authorization|signature|cookie))[\w-]++"
)
_RULES = (
    re.compile(r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|\Z)", re.DOTALL),
    re.compile(r"(?<=\bBearer )[^\s\"',;]+|(?<=\bBasic )[^\s\"',;]+", re.IGNORECASE),
    re.compile(r"\beyJ[\w-]{5,}(?:\.[\w-]*)+", re.ASCII),
    re.compile(r"\b(?:(?:sk|pk|rk)_(?:live|test)_|gh[opsur]_|xox[abprs]-|AKIA)[\w-]+", re.ASCII),
    # "token": "x", token=x, token%3Dx: the value goes, the name stays
    re.compile(
        rf"(?<![\w-])(?P<name>{_SECRET_NAME})(?P<is>[\"']?\s*(?:[=:]|%3D)\s*)"
        r"(?P<value>(?:(?:Bearer|Basic)\s+)?(?:\"(?:[^\"\\]|\\.)*\"?|'[^']*'?|[^\s\"'&;,)}<>]+))",
        re.IGNORECASE | re.ASCII,
    ),
    re.compile(r"(?<![\w.+%-])[\w.+%-]+?(?:@|%40)[\w-]+(?:\.[\w-]+)+"),
    re.compile(r"(?<![\w-])(?=[a-z_-]*\d)(?=[\d_-]*[a-z])(?:\w{20,}|[\w-]{32,})", re.I | re.A),
)
_CARD = re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?!\d)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrubber:
    """Hides what may not be written down.

    Attributes:
        headers: names, in lower case, whose value is hidden besides those that always are.
        json: places in bodies whose value is hidden, likewise.
        patterns: what matches is hidden anywhere.
    """

    headers: frozenset[str] = frozenset()
    json: tuple[JsonPath, ...] = ()
    patterns: tuple[re.Pattern[str], ...] = ()

    @classmethod
    def from_section(cls, section: ShadowSection | None) -> Scrubber:
        """With the rules of a config file; None: it has none."""
        scrub = (section.scrub if section else None) or ScrubSection()
        return cls(
            headers=frozenset(name.lower() for name in scrub.headers or ()),
            json=tuple(scrub.json_paths or ()),
            patterns=tuple(scrub.regex or ()),
        )

    def text(self, text: str) -> str:
        """Any text, with what may not be written hidden; at most MOST_READ characters of it."""
        read = text[:MOST_READ]
        for pattern in self.patterns:
            read = pattern.sub(HIDDEN, read)
        for rule in _RULES:
            read = rule.sub(_hidden, read)
        read = _CARD.sub(lambda found: HIDDEN if _is_card(found[0]) else found[0], read)
        return read if len(text) <= MOST_READ else read[:-STRADDLING]

    def line(self, text: str) -> str:
        """The same as one short line that has nothing in it that a terminal would obey."""
        return _cut(_printable(self.text(text)), 0)

    def sides(self, difference: Difference) -> tuple[str, str]:
        """What production and canary have, shortened to where they begin to differ."""
        texts = [
            self._told(difference, value) for value in (difference.production, difference.canary)
        ]
        far = max(0, _alike(*texts) - CONTEXT)  # differences may come late in a long text
        before, after = (_printable(self.text(text[far:])) for text in texts)
        start = max(0, _alike(before, after) - BEFORE)
        return _cut(before, start), _cut(after, start)

    def _told(self, difference: Difference, value: Json) -> str:
        """A side as text, without what is secret by its name or place."""
        name = difference.name
        if difference.part is Part.HEADER and self._is_secret(name) and value is not None:
            return HIDDEN
        if difference.part is not Part.JSON:
            return "" if value is None else str(value)
        at = cursor(self.json)
        for step in difference.steps:
            at = at.below(step)
            if at.here or self._is_secret(str(step)):
                return HIDDEN
        return json.dumps(self._without_secrets(value, at), ensure_ascii=False)

    def _without_secrets(self, value: Json, at: Cursor) -> Json:
        """A value of JSON; what stands under a secret's name or at a secret's place is hidden."""
        if at.here:
            return HIDDEN
        match value:
            case dict():
                return {
                    key: HIDDEN
                    if self._is_secret(key)
                    else self._without_secrets(child, at.below(key))
                    for key, child in value.items()
                }
            case list():
                return [
                    self._without_secrets(child, at.below(index))
                    for index, child in enumerate(value)
                ]
            case _:
                return value

    def _is_secret(self, name: str) -> bool:
        return name.lower() in self.headers or is_secret_header(name)


def _alike(first: str, second: str) -> int:
    """How many characters both begin with; by halves, since texts may have millions."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _hidden(found: re.Match[str]) -> str:
    """What stands instead of a match; a value's name is kept."""
    names = found.groupdict()
    return f"{names['name']}{names['is']}{HIDDEN}" if names else HIDDEN


def _is_card(text: str) -> bool:
    """True when the check digit is right (ISO/IEC 7812-1, annex B: Luhn)."""
    digits = [int(digit) for digit in text if digit.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _printable(text: str) -> str:
    """One line; control characters as the escapes that Python has for them."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def _cut(text: str, start: int) -> str:
    """At most MOST_SHOWN characters from here on, with an ellipsis where something is missing."""
    end = start + MOST_SHOWN
    return f"{'…' if start else ''}{text[start:end]}{'…' if len(text) > end else ''}"
