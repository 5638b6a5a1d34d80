"""Places in JSON as people write them: `$.items[*].price`, `$..id`, `$['a key'][0]`. Pure.

A subset of RFC 9535: names, indices, wildcards and `..`. Whoever walks a document takes a cursor
along, so that many paths cost one look a step.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["AN_EXAMPLE", "Cursor", "JsonPath", "JsonPathError", "cursor", "shown"]

AN_EXAMPLE = "a path such as $.items[*].price or $..id"
_STEP = re.compile(
    r"""
    (?P<dots>\.\.?) (?P<name> [^\W\d][\w-]* | \* )
    | (?P<deep>\.\.)? \[ \s* (?: (?P<index>\d{1,9}) | (?P<wild>\*)
        | '(?P<single> (?: [^'\\] | \\['\\] )* )' | "(?P<double> (?: [^"\\] | \\["\\] )* )" ) \s* \]
    """,
    re.VERBOSE,
)
_PLAIN = re.compile(r"[^\W\d][\w-]*")


class JsonPathError(ValueError):
    """A text that is no path; the message says at which character."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of a path.

    Attributes:
        key: a name or an index; None is any.
        deep: any number of steps may come before it.
    """

    key: str | int | None
    deep: bool

    def takes(self, key: str | int) -> bool:
        return self.key is None or self.key == key


@dataclass(frozen=True, slots=True)
class JsonPath:
    """One or more places in a document.

    Attributes:
        text: as it was written.
        steps: from the root.
    """

    text: str
    steps: tuple[_Step, ...]

    @classmethod
    def parse(cls, text: str) -> JsonPath:
        """Reads a path.

        Raises:
            JsonPathError: what was found and what was expected.
        """
        written = text.strip()
        if not written.startswith("$"):
            raise JsonPathError(f"found {text!r}, expected {AN_EXAMPLE}; it begins with $")
        steps, at = [], 1
        while at < len(written):
            found = _STEP.match(written, at)
            if found is None:
                raise JsonPathError(
                    f"found {text!r}, which cannot be read from character {at + 1} "
                    f"({written[at : at + 10]!r}), expected {AN_EXAMPLE}"
                )
            steps.append(_Step(key=_key(found), deep=".." in (found["dots"], found["deep"])))
            at = found.end()
        return cls(text=written, steps=tuple(steps))


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a walk through a document stands among several paths.

    Attributes:
        here: the paths, by their index, that end at this place.
        pending: (index, steps that are still to be taken).
    """

    here: frozenset[int]
    pending: tuple[tuple[int, tuple[_Step, ...]], ...]

    def below(self, key: str | int) -> Cursor:
        """The cursor at a child."""
        if not self.pending:
            return _NOWHERE
        here, pending = set(), dict[tuple[int, tuple[_Step, ...]], None]()
        for index, steps in self.pending:
            first, rest = steps[0], steps[1:]
            if first.deep:
                pending[index, steps] = None
            if first.takes(key):
                if rest:
                    pending[index, rest] = None
                else:
                    here.add(index)
        return Cursor(frozenset(here), tuple(pending))


_NOWHERE = Cursor(frozenset(), ())


def cursor(paths: Sequence[JsonPath]) -> Cursor:
    """A cursor at the root of a document."""
    return Cursor(
        frozenset(index for index, path in enumerate(paths) if not path.steps),
        tuple((index, path.steps) for index, path in enumerate(paths) if path.steps),
    )


def shown(steps: Sequence[str | int | None]) -> str:
    """A place as `JsonPath.parse` reads it; None is any."""
    return "$" + "".join(map(_shown, steps))


def _shown(step: str | int | None) -> str:
    match step:
        case None:
            return "[*]"
        case int():
            return f"[{step}]"
        case _ if _PLAIN.fullmatch(step):
            return f".{step}"
        case _:
            return "['" + step.replace("\\", "\\\\").replace("'", "\\'") + "']"


def _key(found: re.Match[str]) -> str | int | None:
    if found["index"]:
        return int(found["index"])
    if found["wild"] or found["name"] == "*":
        return None
    if found["name"]:
        return found["name"]
    quoted = found["single"] if found["single"] is not None else found["double"]
    return re.sub(r"\\(.)", r"\1", quoted)
