"""What follows from values, and which do not go together."""

from __future__ import annotations

import pytest

from loadgen.config.contradictions import settle
from loadgen.config.layers import Layer, lay
from loadgen.config.load_test_section import LoadTest
from loadgen.plan import Pattern


def _layer(name: str, values: dict[str, object]) -> Layer:
    read = {"read_body": lambda file: file.encode()}
    return Layer(
        values=LoadTest.model_validate(values, context=read), place=lambda key: f"{name}.{key}"
    )


@pytest.mark.parametrize(
    ("values", "pattern"),
    [
        ({}, Pattern.SUSTAINED),
        ({"rate": "5"}, Pattern.RATE),
        ({"stages": "0:1,5:2"}, Pattern.STAGES),
        ({"ramp": "5"}, Pattern.RAMP_UP),
        ({"burst_size": "5"}, Pattern.BURST),
        ({"pause": "5"}, Pattern.BURST),
        ({"burst_size": "5", "pause": "1"}, Pattern.BURST),
        ({"pattern": "burst"}, Pattern.BURST),
    ],
)
def test_the_pattern_follows(values: dict[str, object], pattern: Pattern) -> None:
    settled = settle(lay([_layer("file", values)]))
    assert settled.values.pattern is pattern
    assert settled.problems == ()


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (
            {"pattern": "sustained", "rate": "5"},
            "cli.rate: found with pattern sustained, which has no rate of its own; "
            "expected with rate",
        ),
        (
            {"connections": "5"},
            "cli.connections: found with pattern sustained, where each user has a connection of "
            "its own; expected with rate or stages of rate",
        ),
        (
            {"rate": "5", "think": "0"},
            "cli.think: found with pattern rate, where no user thinks between requests; "
            "expected with sustained, ramp-up or stages of users",
        ),
        (
            {"stages": "0:1,5:2", "concurrency": "5"},
            "cli.concurrency: found with pattern stages of users, whose levels are the users; "
            "expected with sustained, burst, ramp-up, rate or stages of rate",
        ),
        (
            {"stages": "0:1,5:2", "arrivals": "poisson"},
            "cli.arrivals: found with pattern stages of users, where users send when they are "
            "ready; expected with rate or stages of rate",
        ),
        (
            {"rate": "5", "ramp": "1"},
            "cli.rate and cli.ramp: found values of 2 patterns, expected of one; "
            "say which with pattern",
        ),
        (
            {"method": "POST", "endpoints": {"/a": "1"}},
            "cli.method: found with endpoints (cli.endpoints), "
            "expected at the endpoints, each of which has its own",
        ),
    ],
)
def test_contradictions_within_a_layer(values: dict[str, object], problem: str) -> None:
    assert settle(lay([_layer("cli", values)])).problems == (problem,)


@pytest.mark.parametrize(
    "values",
    [
        {"stages": "0:1,5:2", "stages_of": "rate", "connections": "5", "arrivals": "poisson"},
        {"rate": "5", "concurrency": "10"},
        {"pattern": "ramp-up", "think": "0", "ramp": "5"},
    ],
)
def test_what_goes_together(values: dict[str, object]) -> None:
    assert settle(lay([_layer("cli", values)])).problems == ()


def test_a_higher_layer_drops_what_it_contradicts() -> None:
    low = _layer("file", {"rate": "5", "connections": "7", "seed": "3"})
    settled = settle(lay([low, _layer("cli", {"pattern": "sustained"})]))
    assert settled.problems == ()
    assert (settled.values.rate, settled.values.connections, settled.values.seed) == (None, None, 3)


def test_what_still_fits_is_kept() -> None:
    low = _layer("file", {"rate": "5", "connections": "7"})
    settled = settle(lay([low, _layer("cli", {"pattern": "rate"})]))
    assert (settled.values.rate, settled.values.connections) == (5.0, 7)


def test_a_lower_layer_s_pattern_does_not_excuse_a_higher_one() -> None:
    low = _layer("file", {"pattern": "rate"})
    settled = settle(lay([low, _layer("cli", {"think": "0"})]))
    assert [problem.split(":")[0] for problem in settled.problems] == ["cli.think"]


def test_a_body_above_endpoints_is_a_mistake_below_it_is_dropped() -> None:
    endpoints = _layer("file", {"endpoints": {"/a": "1"}})
    body = _layer("cli", {"body": "x"})
    assert [text.split(":")[0] for text in settle(lay([endpoints, body])).problems] == ["cli.body"]
    above = settle(lay([body, endpoints]))
    assert (above.problems, above.values.body) == ((), None)


@pytest.mark.parametrize(
    ("low", "high", "duration_s"),
    [
        ({}, {"stages": "0:1,90s:2"}, 90.0),
        ({"duration": "5m"}, {"stages": "0:1,90s:2"}, 90.0),
        ({"stages": "0:1,90s:2"}, {"duration": "20s"}, 20.0),
        ({}, {"stages": "0:1,90s:2", "duration": "20s"}, 20.0),
        ({}, {"stages": "0:1,90s:2", "warmup": "30s"}, 60.0),
        ({}, {"stages": "0:5"}, None),
        ({}, {}, None),
    ],
)
def test_stages_end_the_run_unless_somebody_above_says_otherwise(
    low: dict[str, object], high: dict[str, object], duration_s: float | None
) -> None:
    settled = settle(lay([_layer("file", low), _layer("cli", high)]))
    assert settled.values.duration == duration_s
