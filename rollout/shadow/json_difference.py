"""Two JSON documents held together: by path, with types, tolerances and unordered lists. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from rollout.shadow.difference import Difference, Kind, Steps
from rollout.shadow.result import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.json_text import Json
    from rollout.shadow.rules import JsonRules, Rules

__all__ = ["MOST_DIFFERENCES", "json_differences"]

MOST_DIFFERENCES = 100
"""Of one pair; a page that is another page altogether needs no more."""
_LEAVES = frozenset({str, int, float, bool, type(None)})
MOST_MATCHED = 50
"""Elements of unordered lists, beyond those that are equal, that are held against each other."""


def json_differences(production: Json, canary: Json, rules: Rules) -> tuple[Difference, ...]:
    """All differences of two documents, the first MOST_DIFFERENCES of them.

    Args:
        production: parsed.
        canary: parsed.
        rules: what may differ.

    Raises:
        RecursionError: the documents are nested deeper than Python goes.
    """
    return tuple(islice(_Walk(rules).walk(production, canary, (), rules.json), MOST_DIFFERENCES))


class _Walk:
    """A walk through two documents side by side."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def walk(
        self, production: Json, canary: Json, steps: Steps, at: JsonRules
    ) -> Iterator[Difference]:
        """The differences at a place and below it."""
        if at.is_ignored:
            return
        match production, canary:
            case dict(), dict():
                yield from self._objects(production, canary, steps, at)
            case list(), list() if at.is_unordered:
                yield from self._unordered(production, canary, steps, at)
            case list(), list():
                yield from self._lists(production, canary, steps, at)
            case _ if _type(production) != _type(canary):
                yield _difference(Kind.TYPE, steps, production, canary)
            case _ if not self._same(production, canary, at):
                yield _difference(Kind.VALUE, steps, production, canary)

    def _same(self, production: Json, canary: Json, at: JsonRules) -> bool:
        """Whether two plain values of one type are the same."""
        match production, canary:
            case str(), str():
                return self._rules.kept(production) == self._rules.kept(canary)
            case (bool(), _) | (None, _):
                return production is canary
            case ((int() | float()), (int() | float())):
                return at.is_close(production, canary)
        return production == canary

    def _objects(
        self,
        production: Mapping[str, Json],
        canary: Mapping[str, Json],
        steps: Steps,
        at: JsonRules,
    ) -> Iterator[Difference]:
        for key, value in production.items():
            if key not in canary:
                if not at.below(key).is_ignored:
                    yield _difference(Kind.MISSING, (*steps, key), value, None)
            elif not _is_same_leaf(value, canary[key]):
                yield from self.walk(value, canary[key], (*steps, key), at.below(key))
        for key, value in canary.items():
            if key not in production and not at.below(key).is_ignored:
                yield _difference(Kind.EXTRA, (*steps, key), None, value)

    def _lists(
        self, production: Sequence[Json], canary: Sequence[Json], steps: Steps, at: JsonRules
    ) -> Iterator[Difference]:
        """Element by element; one that was put in front would make all of them differ."""
        if len(production) != len(canary):
            yield _difference(Kind.LENGTH, steps, len(production), len(canary))
            return
        found = self._elements(enumerate(zip(production, canary, strict=True)), steps, at)
        first = next(found, None)
        if first is None:
            return
        if not _left_over(_canonical(production, at), _canonical(canary, at))[0]:
            yield _difference(Kind.ORDER, steps, production, canary)
            return
        yield first
        yield from found

    def _elements(
        self, pairs: Iterable[tuple[int, tuple[Json, Json]]], steps: Steps, at: JsonRules
    ) -> Iterator[Difference]:
        for index, (before, after) in pairs:
            if not _is_same_leaf(before, after):
                yield from self.walk(before, after, (*steps, index), at.below(index))

    def _unordered(
        self, production: Sequence[Json], canary: Sequence[Json], steps: Steps, at: JsonRules
    ) -> Iterator[Difference]:
        """What is equal is set aside, then what is near enough; the rest differs."""
        before, after = _left_over(_canonical(production, at), _canonical(canary, at))
        if max(len(before), len(after)) <= MOST_MATCHED:
            before, after = self._unmatched(production, canary, before, after, at)
        if len(before) == len(after) == 1:
            yield from self._elements(
                [(before[0], (production[before[0]], canary[after[0]]))], steps, at
            )
        elif before or after:
            yield _difference(
                Kind.ELEMENTS,
                steps,
                [production[index] for index in before],
                [canary[index] for index in after],
            )

    def _unmatched(
        self,
        production: Sequence[Json],
        canary: Sequence[Json],
        before: list[int],
        after: list[int],
        at: JsonRules,
    ) -> tuple[list[int], list[int]]:
        """The elements, by their index, that have none on the other side that is near enough."""
        left, free = [], list(after)
        for index in before:
            twin = next(
                (
                    other
                    for other in free
                    if not any(self.walk(production[index], canary[other], (), at.below(index)))
                ),
                None,
            )
            if twin is None:
                left.append(index)
            else:
                free.remove(twin)
        return left, free


def _is_same_leaf(production: Json, canary: Json) -> bool:
    """True for most values of most answers; the others are walked, which takes ten times as long.

    Only for leaves: to Python, [1] is equal to [True].
    """
    return (
        production.__class__ is canary.__class__
        and production.__class__ in _LEAVES
        and production == canary
    )


def _left_over(production: Sequence[str], canary: Sequence[str]) -> tuple[list[int], list[int]]:
    """Indices of the elements that have no equal on the other side."""

    def beyond(these: Sequence[str], those: Sequence[str]) -> list[int]:
        free, left = Counter(those), []
        for index, element in enumerate(these):
            if free[element] > 0:
                free[element] -= 1
            else:
                left.append(index)
        return left

    return beyond(production, canary), beyond(canary, production)


def _canonical(elements: Sequence[Json], at: JsonRules) -> list[str]:
    """Each element as a text; elements that are the same have the same one."""
    return [_text(_plain(element, at.below(index))) for index, element in enumerate(elements)]


def _text(value: Json) -> str:
    return json.dumps(value, sort_keys=True)


def _plain(value: Json, at: JsonRules) -> Json:
    """A value without what is ignored; 1 and 1.0 are one number."""
    match value:
        case dict():
            children = ((key, child, at.below(key)) for key, child in value.items())
            return {key: _plain(child, on) for key, child, on in children if not on.is_ignored}
        case list():
            plain = [_plain(child, at.below(index)) for index, child in enumerate(value)]
            return sorted(plain, key=_text) if at.is_unordered else plain
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


def _difference(kind: Kind, steps: Steps, production: Json, canary: Json) -> Difference:
    return Difference(part=Part.JSON, kind=kind, steps=steps, production=production, canary=canary)


def _type(value: Json) -> str:
    """The name of a value's type in JSON."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case Mapping():
            return "object"
        case _:
            return "array"
