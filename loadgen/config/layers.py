"""Values of load_test from several sources laid over each other, and who gave which. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from loadgen.config.load_test_section import LoadTest
from loadgen.config.request_section import BODY_KEYS, HeaderList, header_pairs

__all__ = ["Layer", "Layers", "lay"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One source of values.

    Attributes:
        values: only those that it gives are set.
        place: where it gives the value of a key, for messages: "--rate", "file:3:5 load_test.rate".
    """

    values: LoadTest
    place: Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """All sources in one.

    Attributes:
        layers: the lowest first.
        values: of each key the highest layer's.
        givers: index of the layer that gave each value.
    """

    layers: Sequence[Layer]
    values: LoadTest
    givers: Mapping[str, int]

    def place(self, key: str) -> str:
        """Where the value of a given key stands."""
        return self.layers[self.givers[key]].place(key)


def lay(layers: Sequence[Layer]) -> Layers:
    """Lays layers over each other; headers add up, and a body of any kind replaces the last one.

    Args:
        layers: the lowest first.
    """
    values = LoadTest()
    givers: dict[str, int] = {}
    for index, layer in enumerate(layers):
        given = {key: getattr(layer.values, key) for key in layer.values.model_fields_set}
        givers.update(dict.fromkeys(given, index))
        if not given.keys().isdisjoint(BODY_KEYS):
            given = {**dict.fromkeys(BODY_KEYS), **given}
        if "headers" in given:
            given["headers"] = _headers(values, layer.values)
        values = values.model_copy(update=given)
    givers = {key: index for key, index in givers.items() if getattr(values, key) is not None}
    return Layers(layers=tuple(layers), values=values, givers=givers)


def _headers(below: LoadTest, above: LoadTest) -> HeaderList:
    """The headers of both; one that stands in both is the upper one's."""
    upper = header_pairs(above.headers)
    named = {name.lower() for name, _ in upper}
    kept = (pair for pair in header_pairs(below.headers) if pair[0].lower() not in named)
    return [*kept, *upper]
