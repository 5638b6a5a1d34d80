"""A Measurement as plain data and arrays, and back, with nothing lost. Pure.

Everything but the counts of histograms becomes JSON, by the types of the dataclasses: a new
field of a Measurement is stored without a word here. Counts become sparse arrays.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias, get_args, get_origin, get_type_hints

import numpy as np

from loadgen.measurement import Measurement
from slo.grammar import parse
from slo.histogram import Histogram, bucket_count
from slo.objective import Objective

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

__all__ = ["Arrays", "pack", "unpack"]

Arrays: TypeAlias = "Mapping[str, npt.NDArray[np.uint64]]"
"""Histograms by number, "0", "1", ...: shape (2, buckets that are not empty), index and count."""

_HISTOGRAM = ("bits", "sum_ns", "min_ns", "max_ns", "saturated")


def pack(measurement: Measurement) -> tuple[object, Arrays]:
    """Takes a measurement apart.

    Returns:
        What `json.dumps` can write, and arrays that `numpy.savez` can.
    """
    arrays: dict[str, npt.NDArray[np.uint64]] = {}
    return _plain(measurement, arrays), arrays


def unpack(plain: object, arrays: Arrays) -> Measurement:
    """Puts a measurement together again; fields that it lacks get their defaults.

    Raises:
        ValueError, KeyError, TypeError: this is not what `pack` made.
    """
    value: Measurement = _value(Measurement, plain, arrays)
    return value


def _plain(  # noqa: PLR0911 - a line for each kind of value
    value: object, arrays: dict[str, npt.NDArray[np.uint64]]
) -> object:
    match value:
        case Histogram():
            filled = np.flatnonzero(value.counts).astype(np.uint64)
            name = str(len(arrays))
            arrays[name] = np.stack([filled, value.counts[filled]])
            return {"counts": name, **{field: getattr(value, field) for field in _HISTOGRAM}}
        case Objective():
            return value.text
        case Enum():
            return value.value
        case datetime():
            return value.isoformat()
        case float() if not math.isfinite(value):
            return str(value)
        case Mapping():
            return {str(key): _plain(part, arrays) for key, part in value.items()}
        case tuple() | list():
            return [_plain(part, arrays) for part in value]
        case None | str() | int() | float():
            return value
        case _ if dataclasses.is_dataclass(value):
            fields = dataclasses.fields(value)
            return {each.name: _plain(getattr(value, each.name), arrays) for each in fields}
        case _:
            raise TypeError(f"a {type(value).__name__} cannot be stored")


def _value(kind: Any, plain: Any, arrays: Arrays) -> Any:  # noqa: ANN401, PLR0911 - as above
    """The value of a type that `_plain` made plain."""
    if kind is Histogram:
        return _histogram(plain, arrays)
    if kind is Objective:
        return parse(plain)
    if kind is datetime:
        return datetime.fromisoformat(plain)
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{name: _value(hints[name], part, arrays) for name, part in plain.items()})  # type: ignore[operator]  # a class
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is types.UnionType:
        return None if plain is None else _value(_member(arguments, plain), plain, arrays)
    if origin is tuple:
        item, *_ = arguments  # all alike: tuple[item, ...]
        return tuple(_value(item, part, arrays) for part in plain)
    if origin is Mapping:
        key, item = arguments
        return {key(name): _value(item, part, arrays) for name, part in plain.items()}
    return kind(plain)


def _histogram(plain: Mapping[str, Any], arrays: Arrays) -> Histogram:
    filled, counted = arrays[plain["counts"]]
    counts = np.zeros(bucket_count(plain["bits"]), dtype=np.uint64)
    counts[filled] = counted
    return Histogram(counts=counts, **{field: plain[field] for field in _HISTOGRAM})


def _member(members: Iterable[Any], plain: object) -> Any:  # noqa: ANN401 - a type
    """Which of several types a value that is not None was; dataclasses are told by their fields."""
    kinds = [kind for kind in members if kind is not types.NoneType]
    if len(kinds) == 1:
        return kinds[0]
    names = set(plain) if isinstance(plain, Mapping) else set()
    return next(
        kind for kind in kinds if {field.name for field in dataclasses.fields(kind)} == names
    )
