"""Result files as text that people and `diff` can read: one block a line, rows of a table too.

Values carry five significant digits, which is finer than the histograms they come from. Pure.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from slo.interval import Interval

__all__ = ["Json", "digits", "interval_ends", "json_text"]

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"
"""What JSON can say."""


def digits(value: float | None) -> float | None:
    """Five significant digits; whole numbers stay whole beyond them."""
    if value is None:
        return None
    return float(round(value)) if abs(value) >= 10_000 else float(f"{value:.5g}")


def interval_ends(interval: Interval | None) -> Json:
    """The ends of an interval; null for one that the sample does not bound."""
    if interval is None:
        return None
    ends = (interval.low, interval.high)
    return [digits(end) if math.isfinite(end) else None for end in ends]


def json_text(value: Json, *, tables: Set[str] = frozenset()) -> str:
    """JSON with each object or list of plain values on one line; ends with a line break.

    Args:
        value: dicts, lists and plain values.
        tables: keys of lists whose items get one line each, whatever they hold.

    Raises:
        ValueError: a number is none that JSON has (NaN, infinity).
    """
    return f"{_text(value, '', tables)}\n"


def _text(value: Json, indent: str, tables: Set[str]) -> str:
    inner = f"{indent}  "
    match value:
        case dict() if any(isinstance(item, dict | list) for item in value.values()):
            rows = [
                f"{inner}{_plain(key)}: {_block(key, item, inner, tables)}"
                for key, item in value.items()
            ]
            return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
        case list() if any(isinstance(item, dict | list) for item in value):
            return _lines([_text(item, inner, tables) for item in value], indent)
        case _:
            return _plain(value)


def _block(key: str, value: Json, indent: str, tables: Set[str]) -> str:
    if key in tables and isinstance(value, list) and value:
        return _lines([_plain(row) for row in value], indent)
    return _text(value, indent, tables)


def _lines(items: Sequence[str], indent: str) -> str:
    """A list with an item a line."""
    return "[\n" + ",\n".join(f"{indent}  {item}" for item in items) + f"\n{indent}]"


def _plain(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
