"""What an objective can be about: a time, a rate of failures, of a status, of answers. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from slo.histogram import MIN_TAIL

__all__ = [
    "ErrorRate",
    "Maximum",
    "Mean",
    "Metric",
    "Percentile",
    "Phase",
    "StatusRate",
    "Throughput",
    "TimeMetric",
    "Unit",
]


class Phase(StrEnum):
    """A measured time; the value is its word in an objective and in the result file."""

    LATENCY = "latency"
    SERVICE = "service"
    TTFB = "ttfb"
    CONNECT = "connect"
    TLS = "tls"
    LAG = "schedule_lag"


class Unit(StrEnum):
    """What is measured in: milliseconds, percent, answers per second; a row of seconds in s."""

    MS = "ms"
    PERCENT = "%"
    PER_S = "/s"
    S = "s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentile:
    """A percentile of a time.

    Attributes:
        percent: 0 < percent < 100; 99.9 is p99.9.

    Raises:
        ValueError: when percent is out of range.
    """

    percent: float
    phase: Phase = Phase.LATENCY

    def __post_init__(self) -> None:
        """Checks the range."""
        if not 0 < self.percent < 100:
            raise ValueError(
                f"p{self.percent:g} is no percentile; expected more than 0 and less than 100"
            )

    @property
    def q(self) -> float:
        """The quantile, 0..1."""
        return self.percent / 100

    @property
    def share_beyond(self) -> float:
        """The share of requests beyond it, 0..1."""
        # 100 - 99.9 is 0.09999999999999432 to a computer.
        return round(100 - self.percent, 10) / 100

    @property
    def least_n(self) -> int:
        """The smallest sample that supports it: MIN_TAIL values are expected beyond."""
        return math.ceil(100 * MIN_TAIL / (100 - self.percent) - 1e-6)

    @property
    def unit(self) -> Unit:
        """Milliseconds."""
        return Unit.MS

    @property
    def text(self) -> str:
        """As the grammar reads it: "p99", "ttfb p90"."""
        return _timed(self.phase, f"p{self.percent:.15g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """The mean of a time."""

    phase: Phase = Phase.LATENCY

    @property
    def unit(self) -> Unit:
        """Milliseconds."""
        return Unit.MS

    @property
    def text(self) -> str:
        """As the grammar reads it: "mean", "ttfb mean"."""
        return _timed(self.phase, "mean")


@dataclass(frozen=True, slots=True, kw_only=True)
class Maximum:
    """The longest time."""

    phase: Phase = Phase.LATENCY

    @property
    def unit(self) -> Unit:
        """Milliseconds."""
        return Unit.MS

    @property
    def text(self) -> str:
        """As the grammar reads it: "max", "connect max"."""
        return _timed(self.phase, "max")


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRate:
    """Failed requests in percent of the finished ones."""

    @property
    def unit(self) -> Unit:
        """Percent."""
        return Unit.PERCENT

    @property
    def text(self) -> str:
        """As the grammar reads it."""
        return "error_rate"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRate:
    """Answers whose status lies in a range, in percent of all answers.

    Attributes:
        first, last: 100..599, both inclusive: one status, or a class such as 500..599.

    Raises:
        ValueError: when they are neither one status nor one class.
    """

    first: int
    last: int

    def __post_init__(self) -> None:
        """Checks that it is one status or one class."""
        a_class = self.first % 100 == 0 and self.last == self.first + 99
        if not (100 <= self.first <= 599 and (a_class or self.first == self.last)):
            raise ValueError(
                f"status {self.first}..{self.last}: expected one status such as 503, "
                "or a class such as 500..599"
            )

    @property
    def unit(self) -> Unit:
        """Percent."""
        return Unit.PERCENT

    @property
    def word(self) -> str:
        """The status or its class: "503", "5xx"."""
        return str(self.first) if self.first == self.last else f"{self.first // 100}xx"

    @property
    def text(self) -> str:
        """As the grammar reads it: "status 5xx"."""
        return f"status {self.word}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """Answers of any status per second."""

    @property
    def unit(self) -> Unit:
        """Answers per second."""
        return Unit.PER_S

    @property
    def text(self) -> str:
        """As the grammar reads it."""
        return "throughput"


TimeMetric: TypeAlias = Percentile | Mean | Maximum
Metric: TypeAlias = TimeMetric | ErrorRate | StatusRate | Throughput


def _timed(phase: Phase, statistic: str) -> str:
    return statistic if phase is Phase.LATENCY else f"{phase} {statistic}"
