"""From counts to a value with its interval, and from there to a verdict. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slo import interval
from slo.metric import Maximum, Mean, Percentile, Throughput, Unit
from slo.objective import Comparison, Decide
from slo.verdict import Verdict

if TYPE_CHECKING:
    from slo.histogram import Histogram
    from slo.interval import Interval
    from slo.objective import Objective
    from slo.sample import Reading

__all__ = ["Estimate", "of_histogram", "of_reading"]

NS_PER_MS = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """An observed value beside its limit.

    Attributes:
        observed: in `unit`; None without data, or when the sample cannot support it.
        interval: of the true value, in `unit`; None without data.
        limit: in `unit`.
        n: requests it rests on.
        lack: why there can be no verdict, a sentence; "" when there can.
    """

    observed: float | None
    interval: Interval | None
    limit: float
    comparison: Comparison
    unit: Unit
    n: int
    lack: str

    def verdict(self, decide: Decide) -> Verdict:
        """What follows for the objective; INCONCLUSIVE when something is lacking."""
        if self.lack or self.observed is None:
            return Verdict.INCONCLUSIVE
        if decide is Decide.POINT or self.interval is None:
            holds = self.comparison.holds(self.observed, self.limit)
            return Verdict.PASS if holds else Verdict.FAIL
        ends = (self.interval.low, self.interval.high)
        held = [self.comparison.holds(end, self.limit) for end in ends]
        if all(held):
            return Verdict.PASS
        return Verdict.INCONCLUSIVE if any(held) else Verdict.FAIL


def of_reading(objective: Objective, reading: Reading) -> Estimate:
    """The value over a window, or over the whole run for all but percentiles and maxima.

    A percentile is estimated by the share of requests that break its limit, in percent,
    beside the share that may; a maximum likewise, and none may.
    """
    comparison, limit, unit = objective.comparison, objective.limit, objective.metric.unit
    match objective.metric:
        case Percentile(percent=level):
            observed, range_ = _percent(reading)
            # 100 - 99.9 is 0.09999999999999432 to a computer.
            comparison, limit, unit = Comparison.AT_MOST, round(100 - level, 10), Unit.PERCENT
        case Maximum():
            observed, _ = _percent(reading)
            range_ = None
            comparison, limit, unit = Comparison.AT_MOST, 0.0, Unit.PERCENT
        case Mean():
            observed, range_ = _mean_ms(reading)
        case Throughput():
            observed, range_ = _per_second(reading)
        case _:
            observed, range_ = _percent(reading)
    return Estimate(
        observed=observed,
        interval=range_,
        limit=limit,
        comparison=comparison,
        unit=unit,
        n=reading.n,
        lack=_lack(objective, reading.n),
    )


def of_histogram(objective: Objective, histogram: Histogram) -> Estimate:
    """A percentile or the maximum of all the times in a histogram, in milliseconds.

    The maximum is a fact about this run and no estimate: it has no interval.

    Args:
        objective: about a percentile or a maximum.
        histogram: the times that it is about.
    """
    n = histogram.n
    observed_ns: int | None = histogram.max_ns if n else None
    range_: Interval | None = None
    if isinstance(objective.metric, Percentile):
        observed_ns = histogram.quantile_ns(objective.metric.q)
        range_ = interval.quantile_ms(histogram, objective.metric.q)
    lack = _lack(objective, n)
    return Estimate(
        observed=None if observed_ns is None or lack else observed_ns / NS_PER_MS,
        interval=range_,
        limit=objective.limit,
        comparison=objective.comparison,
        unit=Unit.MS,
        n=n,
        lack=lack,
    )


def _percent(reading: Reading) -> tuple[float | None, Interval | None]:
    if not reading.n:
        return None, None
    return 100 * reading.part / reading.n, interval.wilson(reading.part, reading.n).scaled(100)


def _mean_ms(reading: Reading) -> tuple[float | None, Interval | None]:
    if not reading.n:
        return None, None
    range_ = interval.mean(reading.n, reading.part, reading.squares)
    return reading.part / reading.n / NS_PER_MS, range_.scaled(1 / NS_PER_MS)


def _per_second(reading: Reading) -> tuple[float | None, Interval | None]:
    if reading.t_s <= 0:
        return None, None
    return reading.part / reading.t_s, interval.per_second(reading.part, reading.t_s)


def _lack(objective: Objective, n: int) -> str:
    """What is missing for a verdict; silence is an answer only where answers are counted."""
    if n < objective.min_samples:
        return f"{n:,} requests are fewer than min_samples {objective.min_samples:,}."
    match objective.metric:
        case Throughput():
            return ""
        case Percentile() as metric if 0 < n < metric.least_n:
            return f"{n:,} requests are too few for {metric.text}: it takes {metric.least_n:,}."
    return "" if n else "There were no requests to judge, and no data is never a pass."
