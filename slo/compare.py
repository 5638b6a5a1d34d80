"""Two runs side by side: what became better or worse, by how much, and what cannot be told. Pure.

Each row is an equivalence test by its interval: a change counts when the whole interval lies
beyond the margin, sameness when the whole interval lies within it; everything else is not
known. All rows together keep the confidence (Bonferroni: each row gets its part of the error),
so that twenty endpoints do not find twenty times as many changes that are none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from slo import interval
from slo.interval import CONFIDENCE, Interval
from slo.metric import ErrorRate, Percentile, Unit
from slo.sample import Counts, Sample

if TYPE_CHECKING:
    from slo.histogram import Histogram

__all__ = ["PERCENTILES", "Change", "Margin", "Row", "RunComparison", "compare"]

PERCENTILES = (Percentile(percent=50), Percentile(percent=95), Percentile(percent=99))
NS_PER_MS = 1e6


class Change(StrEnum):
    """What became of a value."""

    BETTER = "better"
    SAME = "same"
    CANT_TELL = "can't tell"
    WORSE = "worse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """What is still the same.

    Attributes:
        ratio: by how much a percentile may grow, 0.05 is 5 %; as a factor it may shrink alike.
        error_points: by how many percentage points an error rate may change; at least its
            `ratio` of the baseline's.

    Raises:
        ValueError: when one is not more than 0.
    """

    ratio: float = 0.05
    error_points: float = 0.1

    def __post_init__(self) -> None:
        """Checks the range: with no margin nothing is ever the same."""
        for name, value in (("ratio", self.ratio), ("error_points", self.error_points)):
            if not 0 < value < math.inf:
                raise ValueError(f"margin: {name} {value:g} is out of range; expected more than 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One value in both runs.

    Attributes:
        scope: name of the endpoint; None is all of them together.
        metric: a percentile or the error rate.
        baseline, current: in `unit`; None when the run does not support the value.
        unit: milliseconds or percent.
        difference: of current - baseline, in `unit` (percent: percentage points).
        ratio: of current / baseline, for percentiles.
        change: by `ratio` for percentiles, by `difference` for the error rate.
        supported: the interval is no wider than the margin: two runs of the same thing are
            then found to be the same.
        reason: CANT_TELL: a sentence that says why; else "".
    """

    scope: str | None
    metric: Percentile | ErrorRate
    baseline: float | None
    current: float | None
    unit: Unit
    difference: Interval | None
    ratio: Interval | None
    change: Change
    supported: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunComparison:
    """A run beside its baseline.

    Attributes:
        change: WORSE when any row is worse; else by the rows of all endpoints together:
            can't tell, before better, before same.
        rows: all endpoints together first, then each that both runs have.
        confidence: that all rows are right, for independent requests.
        only_in_baseline, only_in_current: endpoints that could not be compared.
    """

    change: Change
    rows: tuple[Row, ...]
    confidence: float
    only_in_baseline: tuple[str, ...]
    only_in_current: tuple[str, ...]


def compare(
    baseline: Sample,
    current: Sample,
    *,
    margin: Margin | None = None,
    percentiles: Sequence[Percentile] = PERCENTILES,
    confidence: float = CONFIDENCE,
) -> RunComparison:
    """Compares a run with its baseline, in all and per endpoint.

    Args:
        baseline: the end of a run.
        current: the end of another.
        margin: what is still the same; None is 5 %.
        percentiles: which to compare.
        confidence: of all rows together, 0..1.
    """
    common = [name for name in current.endpoints if name in baseline.endpoints]
    # A single endpoint is all there is: its rows would only repeat the first ones.
    several = len({*baseline.endpoints, *current.endpoints}) > 1
    scopes: list[str | None] = [None, *(common if several else ())]
    share = 1 - (1 - confidence) / (len(scopes) * (len(percentiles) + 1))
    rule = _Rule(margin=margin or Margin(), confidence=share)
    rows = tuple(
        row
        for scope in scopes
        for row in rule.rows(scope, baseline.of(scope), current.of(scope), percentiles)
    )
    return RunComparison(
        change=_overall(rows),
        rows=rows,
        confidence=confidence,
        only_in_baseline=tuple(n for n in baseline.endpoints if n not in current.endpoints),
        only_in_current=tuple(n for n in current.endpoints if n not in baseline.endpoints),
    )


def _overall(rows: Sequence[Row]) -> Change:
    if any(row.change is Change.WORSE for row in rows):
        return Change.WORSE
    changes = {row.change for row in rows if row.scope is None}
    order = (Change.CANT_TELL, Change.BETTER, Change.SAME)
    return next(change for change in order if change in changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """The margin, and the confidence of each row."""

    margin: Margin
    confidence: float

    def rows(
        self, scope: str | None, old: Counts, new: Counts, percentiles: Sequence[Percentile]
    ) -> list[Row]:
        """The rows of one scope."""
        times = [self._time_row(scope, metric, old, new) for metric in percentiles]
        return [*times, self._error_row(scope, old, new)]

    def _time_row(self, scope: str | None, metric: Percentile, old: Counts, new: Counts) -> Row:
        before = self._time(metric, old.time(metric.phase))
        after = self._time(metric, new.time(metric.phase))
        if before is None or after is None:
            n = min(old.time(metric.phase).n, new.time(metric.phase).n)
            reason = f"{n:,} requests are too few for {metric.text}: it takes {metric.least_n:,}."
            return _unknown(scope, metric, Unit.MS, reason)
        of_log = interval.log_ratio(after.value, after.range, before.value, before.range)
        most = math.log1p(self.margin.ratio)
        change, wider = _change(of_log, most), (of_log.high - of_log.low) / most
        return Row(
            scope=scope,
            metric=metric,
            baseline=before.value,
            current=after.value,
            unit=Unit.MS,
            difference=interval.difference(after.value, after.range, before.value, before.range),
            ratio=Interval(
                low=math.exp(of_log.low), high=math.exp(of_log.high), confidence=of_log.confidence
            ),
            change=change,
            supported=wider <= 1,
            reason=_reason(change, wider),
        )

    def _time(self, metric: Percentile, times: Histogram) -> _Measured | None:
        """The percentile with its interval; None when the sample does not support it."""
        value_ns, range_ = times.quantile_ns(metric.q), None
        if times.n >= metric.least_n:
            range_ = interval.quantile_ms(times, metric.q, self.confidence)
        if not value_ns or range_ is None:  # 0 ns has no ratio to anything
            return None
        return _Measured(value=value_ns / NS_PER_MS, range=range_)

    def _error_row(self, scope: str | None, old: Counts, new: Counts) -> Row:
        if not (old.finished and new.finished):
            return _unknown(scope, ErrorRate(), Unit.PERCENT, "A run had no requests here.")
        before, after = (100 * each.failed / each.finished for each in (old, new))
        of_before, of_after = (
            interval.wilson(each.failed, each.finished, self.confidence).scaled(100)
            for each in (old, new)
        )
        difference = interval.difference(after, of_after, before, of_before)
        points = max(self.margin.error_points, self.margin.ratio * before)
        change, wider = _change(difference, points), (difference.high - difference.low) / points
        return Row(
            scope=scope,
            metric=ErrorRate(),
            baseline=before,
            current=after,
            unit=Unit.PERCENT,
            difference=difference,
            ratio=None,
            change=change,
            supported=wider <= 1,
            reason=_reason(change, wider),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    value: float
    range: Interval


def _change(difference: Interval, most: float) -> Change:
    """What an interval of a difference shows, when up to `most` either way is the same."""
    if difference.low > most:
        return Change.WORSE
    if difference.high < -most:
        return Change.BETTER
    within = -most <= difference.low and difference.high <= most
    return Change.SAME if within else Change.CANT_TELL


def _reason(change: Change, wider: float) -> str:
    """Why it cannot be told.

    Args:
        change: what was found.
        wider: the width of the interval by the margin; it shrinks with the root of the sample.
    """
    if change is not Change.CANT_TELL:
        return ""
    if wider <= 1:
        return "The change is about as large as the margin."
    if math.isinf(wider):
        return "The sample does not bound the change; more requests are needed."
    return f"The sample is too small for this margin: it takes about {wider**2:.1f} times as many."


def _unknown(scope: str | None, metric: Percentile | ErrorRate, unit: Unit, reason: str) -> Row:
    return Row(
        scope=scope,
        metric=metric,
        baseline=None,
        current=None,
        unit=unit,
        difference=None,
        ratio=None,
        change=Change.CANT_TELL,
        supported=False,
        reason=reason,
    )
