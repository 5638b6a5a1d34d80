"""Two texts held together line by line: the first lines in which they differ. Pure."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from rollout.shadow.difference import Difference, Kind
from rollout.shadow.result import Part

if TYPE_CHECKING:
    from rollout.shadow.rules import Rules

__all__ = ["text_differences"]

WINDOW = 100
"""Lines after the first that differs, in which a diff looks for where both go on alike: the work
goes up with its square."""


def text_differences(production: str, canary: str, rules: Rules) -> tuple[Difference, ...]:
    """The first place in which two texts differ.

    Args:
        production: decoded.
        canary: decoded.
        rules: what may differ.

    Returns:
        None or one; its sides are the lines that only they have.
    """
    before, after = rules.kept(production), rules.kept(canary)
    if before == after:
        return ()
    first, second = _first_hunk(before.splitlines(), after.splitlines())
    return (
        Difference(
            part=Part.TEXT,
            kind=_kind(before, after, first, second),
            production="\n".join(first),
            canary="\n".join(second),
        ),
    )


def _first_hunk(before: list[str], after: list[str]) -> tuple[list[str], list[str]]:
    """The lines of the first change; none when only the ends of lines differ."""
    pairs = zip(before, after, strict=False)
    shortest = min(len(before), len(after))
    start = next((i for i, (one, other) in enumerate(pairs) if one != other), shortest)
    first, second = before[start : start + WINDOW], after[start : start + WINDOW]
    for tag, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if tag != "equal":
            return first[a:b], second[c:d]
    return [], []


def _kind(before: str, after: str, first: list[str], second: list[str]) -> Kind:
    if not after or (first and not second):
        return Kind.MISSING
    if not before or (second and not first):
        return Kind.EXTRA
    return Kind.VALUE
