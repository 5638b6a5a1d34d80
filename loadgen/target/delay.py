"""How long the target thinks: distributions of latency. Pure; the randomness is an argument.

20ms                    always 20 ms
uniform:5ms..50ms       any between, equally likely
exponential:10ms        mean 10 ms
lognormal:20ms,0.5      median 20 ms, sigma 0.5 (p99 = median * e^(2.326 sigma) = 64 ms)
bimodal:5ms,200ms,1%    5 ms, and 200 ms for 1 %
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import Final, Protocol

from loadgen.units import UnitError, parse_duration, parse_number, parse_span

__all__ = [
    "AT_ONCE",
    "Bimodal",
    "Constant",
    "Delay",
    "Exponential",
    "LogNormal",
    "Uniform",
    "parse_delay",
    "parse_share",
]

_A_DELAY: Final = (
    "a latency such as 20ms, uniform:5ms..50ms, exponential:10ms, lognormal:20ms,0.5 "
    "or bimodal:5ms,200ms,1%"
)


class Delay(Protocol):
    """A distribution of latency."""

    def draw_ns(self, rng: Random) -> int:
        """One latency, nanoseconds, >= 0."""


@dataclass(frozen=True, slots=True)
class Constant:
    """Always the same."""

    delay_s: float

    def draw_ns(self, rng: Random) -> int:  # noqa: ARG002, RUF100 - the Protocol's signature
        """The latency, nanoseconds."""
        return round(self.delay_s * 1e9)


@dataclass(frozen=True, slots=True)
class Uniform:
    """Any between two bounds, equally likely."""

    low_s: float
    high_s: float

    def draw_ns(self, rng: Random) -> int:
        """One latency, nanoseconds."""
        return round(rng.uniform(self.low_s, self.high_s) * 1e9)


@dataclass(frozen=True, slots=True)
class Exponential:
    """Memoryless, with this mean."""

    mean_s: float

    def draw_ns(self, rng: Random) -> int:
        """One latency, nanoseconds."""
        return round(rng.expovariate(1.0) * self.mean_s * 1e9)


@dataclass(frozen=True, slots=True)
class LogNormal:
    """e^(mu + sigma Z) for a standard normal Z: the usual shape of a service's latency.

    Attributes:
        median_s: e^mu.
        sigma: spread of the logarithm.
    """

    median_s: float
    sigma: float

    def draw_ns(self, rng: Random) -> int:
        """One latency, nanoseconds."""
        return round(self.median_s * math.exp(self.sigma * rng.gauss(0.0, 1.0)) * 1e9)


@dataclass(frozen=True, slots=True)
class Bimodal:
    """Fast, and slow for a share of the requests: a cache and its misses.

    Attributes:
        slow_share: 0..1.
    """

    fast_s: float
    slow_s: float
    slow_share: float

    def draw_ns(self, rng: Random) -> int:
        """One latency, nanoseconds."""
        return round((self.slow_s if rng.random() < self.slow_share else self.fast_s) * 1e9)


AT_ONCE: Final[Delay] = Constant(0.0)
"""No latency at all."""


def parse_delay(text: str) -> Delay:
    """Reads a distribution of latency, in the forms of this module's docstring.

    Raises:
        UnitError: not a latency; names the part that is wrong.
    """
    kind, colon, arguments = text.strip().partition(":")
    if not colon:
        return Constant(_length(kind))
    if kind not in _READERS:
        raise UnitError(f"found {text!r}, expected {_A_DELAY}")
    return _READERS[kind](text, arguments)


def parse_share(text: str) -> float:
    """Reads a share of the requests: "1%" or "0.01".

    Returns:
        0..1.

    Raises:
        UnitError: not a number, or out of range.
    """
    digits = text.strip()
    if digits.endswith("%"):
        return parse_number(digits[:-1], high=100.0) / 100.0
    return parse_number(digits, high=1.0)


def _length(text: str) -> float:
    return parse_duration(text, high_s=3_600.0)


def _split(text: str, arguments: str, n: int) -> list[str]:
    parts = arguments.split(",")
    if len(parts) != n:
        raise UnitError(f"found {text!r}, expected {_A_DELAY}")
    return parts


def _uniform(_text: str, arguments: str) -> Delay:
    return Uniform(*parse_span(arguments, high_s=3_600.0))


def _exponential(_text: str, arguments: str) -> Delay:
    return Exponential(_length(arguments))


def _lognormal(text: str, arguments: str) -> Delay:
    median, sigma = _split(text, arguments, 2)
    return LogNormal(_length(median), parse_number(sigma, high=5.0))


def _bimodal(text: str, arguments: str) -> Delay:
    fast, slow, share = _split(text, arguments, 3)
    return Bimodal(_length(fast), _length(slow), parse_share(share))


_READERS: Final[Mapping[str, Callable[[str, str], Delay]]] = MappingProxyType(
    {
        "uniform": _uniform,
        "exponential": _exponential,
        "lognormal": _lognormal,
        "bimodal": _bimodal,
    }
)
