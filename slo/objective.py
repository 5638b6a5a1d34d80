"""What a measurement is held against: one objective as a value, with its text. Pure.

`Objective.text` is read back by `slo.grammar.parse` to an equal value.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from slo.metric import ErrorRate, Maximum, Mean, Metric, Percentile, Unit

__all__ = [
    "MAX_WINDOW_S",
    "Comparison",
    "Decide",
    "Objective",
    "Window",
    "WindowKind",
    "comparison_problem",
    "limit_problem",
    "number_text",
]

MAX_WINDOW_S = 3600
"""A window is kept as some numbers per second; an hour of them is as much as anybody asks for."""
BARE_NAME = re.compile(r'[^\s"\\<>=,]+')
"""An endpoint's name that needs no quotes."""


class Comparison(StrEnum):
    """How the observed value must stand to the limit."""

    BELOW = "<"
    AT_MOST = "<="
    ABOVE = ">"
    AT_LEAST = ">="

    @property
    def is_upper(self) -> bool:
        """True when the limit is the most, false when it is the least."""
        return self in {Comparison.BELOW, Comparison.AT_MOST}

    def holds(self, observed: float, limit: float) -> bool:
        """True when the observed value is on the right side of the limit."""
        match self:
            case Comparison.BELOW:
                return observed < limit
            case Comparison.AT_MOST:
                return observed <= limit
            case Comparison.ABOVE:
                return observed > limit
            case Comparison.AT_LEAST:
                return observed >= limit
            case _:
                assert_never(self)


class Decide(StrEnum):
    """What has to be on the right side of the limit: the value, or its whole interval."""

    POINT = "point"
    CONFIDENT = "confident"


class WindowKind(StrEnum):
    """How the seconds of a window are judged.

    WITHIN: the value over each window of this length, sliding by a second.
    FOR: violated only when every second of such a window, in a row, violates the limit.
    """

    WITHIN = "within"
    FOR = "for"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The seconds that are judged together.

    Attributes:
        seconds: 1..MAX_WINDOW_S.

    Raises:
        ValueError: when it is too short or too long.
    """

    kind: WindowKind
    seconds: int

    def __post_init__(self) -> None:
        """Checks the range."""
        if not 1 <= self.seconds <= MAX_WINDOW_S:
            raise ValueError(
                f"a window of {self.seconds}s is out of range; expected 1s to {MAX_WINDOW_S}s"
            )

    @property
    def text(self) -> str:
        """As the grammar reads it: "within 30s", "for 1m"."""
        return f"{self.kind} {self.length}"

    @property
    def length(self) -> str:
        """How long it is: "30s", "1m"."""
        minutes, seconds = divmod(self.seconds, 60)
        return f"{self.seconds}s" if seconds else f"{minutes}m"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A statement about a run that must hold.

    Attributes:
        metric: what is measured.
        limit: in the metric's unit (ms, percent, per second).
        scope: name of an endpoint; None is the whole run, all endpoints together.
        window: None judges the whole run as one.
        abort: a violation ends the run.
        after_s: the first seconds of the measured time, which do not count.
        min_samples: below so many requests (in the run, in a window of kind WITHIN, in each
            second of a window of kind FOR) there is no verdict.
        decide: by the point estimate, or by the whole confidence interval.

    Raises:
        ValueError: when the limit or an option is out of range, or the comparison would
            demand of a time or of failures that they exceed the limit.
    """

    metric: Metric
    comparison: Comparison
    limit: float
    scope: str | None = None
    window: Window | None = None
    abort: bool = False
    after_s: float = 0.0
    min_samples: int = 0
    decide: Decide = Decide.POINT

    def __post_init__(self) -> None:
        """Checks that this can be asked for."""
        problem = comparison_problem(self.metric, self.comparison) or limit_problem(
            self.metric, self.comparison, self.limit
        )
        if problem:
            raise ValueError(f"{self.metric.text} {self.comparison} {self.limit:g}: {problem}")
        if not 0 <= self.after_s < math.inf:
            raise ValueError(f"after {self.after_s:g}s is out of range; expected 0s or more")
        if self.min_samples < 0:
            raise ValueError(f"min_samples {self.min_samples} is out of range; expected 0 or more")

    @property
    def condition(self) -> str:
        """The text without its options: "p99 of /api/orders < 250ms within 30s"."""
        scope = "" if self.scope is None else f" of {_quoted(self.scope)}"
        window = "" if self.window is None else f" {self.window.text}"
        limit = f"{number_text(self.limit)}{self.metric.unit}"
        return f"{self.metric.text}{scope} {self.comparison} {limit}{window}"

    @property
    def text(self) -> str:
        """The whole objective in its canonical form, which `slo.grammar.parse` reads back."""
        options = (
            ("abort", self.abort),
            (f"after {number_text(self.after_s)}s", self.after_s > 0),
            (f"min_samples {self.min_samples}", self.min_samples > 0),
            (f"decide {self.decide}", self.decide is not Decide.POINT),
        )
        return ", ".join([self.condition, *(option for option, given in options if given)])


def comparison_problem(metric: Metric, comparison: Comparison) -> str:
    """What is wrong with demanding this side of a metric; "" when nothing is.

    A criterion that other tools call `p95 > 300ms` says when to fail; an objective says what
    must hold, and nobody wants to be slow.
    """
    if comparison.is_upper or not isinstance(metric, Percentile | Mean | Maximum | ErrorRate):
        return ""
    return "an objective says what must hold; expected < or <="


def limit_problem(metric: Metric, comparison: Comparison, limit: float) -> str:
    """What is wrong with a limit, in the metric's unit; "" when nothing is."""
    percent = metric.unit is Unit.PERCENT
    most = 100.0 if percent else math.inf
    if not (0 <= limit <= most and math.isfinite(limit)):
        return f"the limit is out of range; expected 0 to {most:g}{metric.unit}"
    if comparison is Comparison.BELOW and limit == 0:
        return "nothing is below 0; expected <= or a larger limit"
    if comparison is Comparison.ABOVE and percent and limit == 100:
        return "nothing is above 100%; expected >= or a smaller limit"
    return ""


def number_text(value: float) -> str:
    """A number that reads back as the same one, without ".0"."""
    return str(int(value)) if value == int(value) and value < 1e15 else repr(value)


def _quoted(name: str) -> str:
    if BARE_NAME.fullmatch(name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
