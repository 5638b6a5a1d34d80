from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from statistics import NormalDist

import pytest

from loadgen.target.delay import (
    AT_ONCE,
    Bimodal,
    Constant,
    Delay,
    Exponential,
    LogNormal,
    Uniform,
    parse_delay,
    parse_share,
)
from loadgen.units import UnitError

N = 20_000


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("20ms", Constant(0.02)),
        ("0", AT_ONCE),
        (" 1.5 ", Constant(1.5)),
        ("uniform:5ms..50ms", Uniform(0.005, 0.05)),
        ("exponential:10ms", Exponential(0.01)),
        ("lognormal:20ms,0.5", LogNormal(0.02, 0.5)),
        ("bimodal:5ms,200ms,1%", Bimodal(0.005, 0.2, 0.01)),
        ("bimodal:5ms,0.2,0.01", Bimodal(0.005, 0.2, 0.01)),
    ],
)
def test_reads_the_documented_forms(text: str, delay: Delay) -> None:
    assert parse_delay(text) == delay


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "expected a duration"),
        ("-1ms", "expected a duration"),
        ("2h", "from 0s to 1h"),
        ("gamma:1ms", "found 'gamma:1ms', expected a latency such as 20ms, uniform:"),
        ("uniform:50ms..5ms", "the shorter duration before the longer"),
        ("lognormal:20ms", "lognormal:20ms,0.5"),
        ("lognormal:20ms,9", "found '9', expected a number from 0 to 5"),
        ("bimodal:1ms,2ms", "bimodal:5ms,200ms,1%"),
        ("bimodal:1ms,2ms,200%", "from 0 to 100"),
    ],
)
def test_says_what_is_wrong(text: str, part: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse_delay(text)
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("text", "share"), [("1%", 0.01), ("0.25", 0.25), ("100%", 1.0), ("0", 0)])
def test_a_share_is_a_percentage_or_a_ratio(text: str, share: float) -> None:
    assert parse_share(text) == pytest.approx(share)


def _uniform(x_s: float) -> float:
    return min(1.0, max(0.0, (x_s - 0.005) / 0.045))


def _exponential(x_s: float) -> float:
    return 1.0 - math.exp(-x_s / 0.01)


def _lognormal(x_s: float) -> float:
    return NormalDist(math.log(0.02), 0.5).cdf(math.log(x_s))


@pytest.mark.parametrize(
    ("text", "cdf"),
    [
        ("uniform:5ms..50ms", _uniform),
        ("exponential:10ms", _exponential),
        ("lognormal:20ms,0.5", _lognormal),
    ],
)
def test_draws_follow_the_distribution(text: str, cdf: Callable[[float], float]) -> None:
    """Kolmogorov-Smirnov: the largest distance of the two functions, 1 % level."""
    rng = Random(1)
    delay = parse_delay(text)
    drawn = sorted(delay.draw_ns(rng) / 1e9 for _ in range(N))
    distance = max(
        max(abs(cdf(x) - rank / N), abs(cdf(x) - (rank + 1) / N)) for rank, x in enumerate(drawn)
    )
    assert distance < 1.628 / math.sqrt(N)


def test_the_slow_part_has_its_share() -> None:
    rng = Random(1)
    delay = parse_delay("bimodal:5ms,200ms,10%")
    drawn = [delay.draw_ns(rng) for _ in range(N)]
    assert set(drawn) == {5_000_000, 200_000_000}
    four_sigma = 4 * math.sqrt(N * 0.1 * 0.9)
    assert drawn.count(200_000_000) == pytest.approx(0.1 * N, abs=four_sigma)


def test_a_constant_is_exact_and_draws_nothing() -> None:
    rng = Random(1)
    before = rng.getstate()
    assert parse_delay("20ms").draw_ns(rng) == 20_000_000
    assert rng.getstate() == before
