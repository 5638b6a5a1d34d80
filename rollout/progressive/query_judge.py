"""Judges a stage by a query to a Prometheus: its value must keep a limit, and must be there."""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from loadgen.control_client import open_client
from loadgen.watch.prometheus import ask
from loadgen.watch.usage import WatchError
from rollout.progressive.aside import Aside
from rollout.progressive.judge import Opinion, Row
from rollout.progressive.stage import Stage
from slo.canary import CanaryVerdict
from slo.policy import OnFailure

__all__ = ["Query", "QueryJudge"]

TIMEOUT_S = 5.0
RETRY_S = 1.0
"""After a look that failed, doubled each time, up to the query's interval."""
LOST_AFTER_S = 120.0
"""For so long a Prometheus may not answer."""
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked, and what the answer must be.

    Attributes:
        url: of the Prometheus.
        name: what reports call it.
        query: PromQL with one value.
        comparison: <, <=, > or >=.
        limit: what the value is held against.
        interval_s: between two looks.
        on_failure: what a broken limit leads to.
    """

    url: str
    name: str
    query: str
    comparison: str
    limit: float
    interval_s: float
    on_failure: OnFailure

    def holds(self, value: float) -> bool:
        """True when a value keeps the limit."""
        return _COMPARISONS[self.comparison](value, self.limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What one look gave: a value, no value, or a problem."""

    value: float | None = None
    problem: str = ""


class QueryJudge:
    """Asks again and again while a stage is held; a look never blocks.

    Args:
        query: what.
        now_s: the monotonic clock.
    """

    starts_over = False

    def __init__(self, query: Query, *, now_s: Callable[[], float] = time.monotonic) -> None:
        self.name = f"query {query.name}"
        self._query = query
        self._now_s = now_s
        self._aside: Aside[_Look] | None = None
        self._last = _Look()
        self._broken = ""
        self._due_s = 0.0
        self._failing_since_s: float | None = None
        self._pause_s = RETRY_S

    def begin(self, stage: Stage, duration_s: float, rows: Sequence[Row]) -> None:
        """Looks for the first time at once."""
        del stage, duration_s, rows
        self._last, self._broken, self._failing_since_s = _Look(), "", None
        self._pause_s = RETRY_S
        self._ask()

    def look(self) -> Opinion:
        """The newest value."""
        self._take()
        if self._aside is None and self._now_s() >= self._due_s:
            self._ask()
        since_s = self._failing_since_s
        lost = since_s is not None and self._now_s() - since_s >= LOST_AFTER_S
        verdict = CanaryVerdict.FAIL if self._broken else CanaryVerdict.INCONCLUSIVE
        return self._opinion(verdict, lost=lost)

    def is_done(self) -> bool:
        """True when the look under way has ended."""
        return self._aside is None or self._aside.is_done()

    def conclude(self) -> Opinion:
        """PASS when the newest look had a value and no look broke the limit."""
        self._take()
        if self._broken:
            return self._opinion(CanaryVerdict.FAIL)
        known = self._last.value is not None
        return self._opinion(CanaryVerdict.PASS if known else CanaryVerdict.INCONCLUSIVE)

    def stop(self) -> None:
        """Lets a look under way go; it changes nothing."""
        self._aside = None

    def _ask(self) -> None:
        query = self._query

        def work(_hand_over: object) -> _Look:
            with open_client(timeout_s=TIMEOUT_S) as client:
                try:
                    return _Look(value=ask(client, query.url, query.query, name=query.name))
                except WatchError as error:
                    return _Look(problem=str(error))

        self._aside = Aside(work, name="query")

    def _take(self) -> None:
        """Takes in a look that has ended, and says when the next one is due."""
        if self._aside is None or not self._aside.is_done():
            return
        self._last, self._aside = self._aside.result(), None
        if self._last.problem:
            if self._failing_since_s is None:
                self._failing_since_s = self._now_s()
            self._due_s = self._now_s() + self._pause_s
            self._pause_s = min(2 * self._pause_s, self._query.interval_s)
            return
        self._failing_since_s, self._pause_s = None, RETRY_S
        self._due_s = self._now_s() + self._query.interval_s
        value = self._last.value
        if value is not None and not self._query.holds(value):
            self._broken = self._broken or f"{value:g}, expected {self._expected}"

    @property
    def _expected(self) -> str:
        return f"{self._query.comparison} {self._query.limit:g}"

    def _opinion(self, verdict: CanaryVerdict, *, lost: bool = False) -> Opinion:
        last = self._last
        value = "no value" if last.value is None else f"{last.value:g}"
        text = self._broken or last.problem or f"{value}, expected {self._expected}"
        return Opinion(
            judge=self.name,
            verdict=verdict,
            text=text,
            on_failure=self._query.on_failure,
            lost=lost,
            row={"value": last.value, "limit": self._query.limit},
            evidence={"value": last.value, "limit": self._query.limit, "text": text},
        )
