"""Which values of load_test go together: what follows from them, what contradicts. Pure.

A value that contradicts a higher layer is dropped, since the higher one wins; one that
contradicts its own layer or a lower one is a mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from loadgen.config.layers import Layer, Layers
from loadgen.config.load_test_section import LoadTest
from loadgen.config.request_section import BODY_KEYS
from loadgen.config.suggestion import one_of
from loadgen.plan import Pattern, StageUnit

__all__ = ["Settled", "settle"]


class _Load(StrEnum):
    """The patterns, `stages` told apart by what its levels are."""

    SUSTAINED = "sustained"
    BURST = "burst"
    RAMP_UP = "ramp-up"
    RATE = "rate"
    STAGES_OF_USERS = "stages of users"
    STAGES_OF_RATE = "stages of rate"


_IMPLIED = {
    "rate": Pattern.RATE,
    "stages": Pattern.STAGES,
    "ramp": Pattern.RAMP_UP,
    "burst_size": Pattern.BURST,
    "pause": Pattern.BURST,
}
"""Keys that say which pattern is meant."""
_OPEN = (_Load.RATE, _Load.STAGES_OF_RATE)
_STAGES = (_Load.STAGES_OF_USERS, _Load.STAGES_OF_RATE)
_FITTING: dict[str, tuple[tuple[_Load, ...], str]] = {
    "rate": ((_Load.RATE,), "which has no rate of its own"),
    "arrivals": (_OPEN, "where users send when they are ready"),
    "connections": (_OPEN, "where each user has a connection of its own"),
    "stages": (_STAGES, "which has no stages"),
    "stages_of": (_STAGES, "which has no stages"),
    "ramp": ((_Load.RAMP_UP,), "which has no ramp"),
    "burst_size": ((_Load.BURST,), "which has no bursts"),
    "pause": ((_Load.BURST,), "which has no bursts"),
    "think": (
        (_Load.SUSTAINED, _Load.RAMP_UP, _Load.STAGES_OF_USERS),
        "where no user thinks between requests",
    ),
    "concurrency": (
        (_Load.SUSTAINED, _Load.BURST, _Load.RAMP_UP, *_OPEN),
        "whose levels are the users",
    ),
}
"""Key: the loads that it has a meaning in, and why it has none in others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Values without contradictions.

    Attributes:
        values: what follows is filled in, what has no meaning is dropped.
        problems: one line per contradiction.
    """

    values: LoadTest
    problems: tuple[str, ...]


def settle(layers: Layers) -> Settled:
    """Finds the pattern and what follows from it."""
    decider, pattern, problems = _pattern(layers)
    load = _load(pattern, layers.values.stages_of)
    dropped: dict[str, None] = {}
    for key, (loads, why) in _FITTING.items():
        if key in layers.givers and load not in loads:
            dropped[key] = None
            if layers.givers[key] >= decider and not problems:
                problems.append(
                    f"{layers.place(key)}: found with pattern {load}, {why}; "
                    f"expected with {one_of(loads)}"
                )
    problems += _request_problems(layers, dropped)
    values = layers.values.model_copy(
        update={"pattern": pattern, "duration": _duration_s(layers), **dropped}
    )
    return Settled(values=values, problems=tuple(problems))


def _pattern(layers: Layers) -> tuple[int, Pattern, list[str]]:
    """The layer that decides the pattern (-1: none does), the pattern, and problems."""
    for index in reversed(range(len(layers.layers))):
        layer = layers.layers[index]
        if layer.values.pattern is not None:
            return index, layer.values.pattern, []
        by_pattern = {_IMPLIED[key]: key for key in _implying(layer)}
        if len(by_pattern) > 1:
            places = " and ".join(layer.place(key) for key in by_pattern.values())
            text = f"{places}: found values of {len(by_pattern)} patterns, expected of one"
            return index, next(iter(by_pattern)), [f"{text}; say which with pattern"]
        if by_pattern:
            return index, next(iter(by_pattern)), []
    return -1, Pattern.SUSTAINED, []


def _implying(layer: Layer) -> list[str]:
    return [key for key in _IMPLIED if key in layer.values.model_fields_set]


def _load(pattern: Pattern, unit: StageUnit | None) -> _Load:
    if pattern is not Pattern.STAGES:
        return _Load(pattern.value)
    return _Load.STAGES_OF_RATE if unit is StageUnit.RATE else _Load.STAGES_OF_USERS


def _duration_s(layers: Layers) -> float | None:
    """The measured time: stages end the run unless somebody above them says otherwise."""
    stages, duration_s = layers.values.stages, layers.values.duration
    below = layers.givers.get("duration", -1) < layers.givers.get("stages", -1)
    if stages and below:
        end_s = stages[-1][0] - (layers.values.warmup or 0.0)
        return end_s if end_s > 0 else duration_s
    return duration_s


def _request_problems(layers: Layers, dropped: dict[str, None]) -> list[str]:
    """Endpoints have methods and bodies of their own: those of load_test would be ignored."""
    if not layers.values.endpoints:
        return []
    problems = []
    for key in ("method", *BODY_KEYS):
        if key not in layers.givers:
            continue
        dropped[key] = None
        if layers.givers[key] >= layers.givers["endpoints"]:
            problems.append(
                f"{layers.place(key)}: found with endpoints ({layers.place('endpoints')}), "
                "expected at the endpoints, each of which has its own"
            )
    return problems
