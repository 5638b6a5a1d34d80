"""What a shadow test found: the value that every report, file, exit code and canary verdict reads.

Everything in it is scrubbed already: nothing here needs hiding any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from slo.canary import CanaryVerdict
from slo.interval import Interval, wilson

__all__ = [
    "EndpointResult",
    "Example",
    "FieldResult",
    "Finding",
    "LatencyResult",
    "Part",
    "ShadowResult",
    "Sides",
]


class Part(StrEnum):
    """The part of an answer that differs."""

    ANSWER = "answer"
    """One side has none."""
    STATUS = "status"
    HEADER = "header"
    JSON = "json"
    TEXT = "text"
    BINARY = "binary"


class Finding(StrEnum):
    """What the differences of one field mean."""

    DIFFERS = "differs"
    """The canary is different."""
    NOISE = "noise"
    """The second baseline differs there as well."""
    UNPROVEN = "unproven"
    """Seen at the canary only, too seldom to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One pair that differs, scrubbed.

    Attributes:
        request: such as "GET /users/17?sort=name".
        production, canary: what stands there; shortened.
    """

    request: str
    production: str
    canary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldResult:
    """One field of one endpoint in which answers differ.

    Attributes:
        part: of the answer.
        field: header name, JSON path with `[*]` for indices, or "" when the part says it all.
        kind: how they differ, one of rollout.shadow.difference.Kind.
        finding: what that means.
        canary_differs: pairs in which the canary differs from production.
        canary_alone: of these, those in which the baseline does not; the same without one.
        baseline_alone: pairs in which only the baseline differs; None without one.
        p_value: chance of so many at the canary if it were like the baseline; None without one.
        examples: at most 3.
    """

    part: Part
    field: str
    kind: str
    finding: Finding
    canary_differs: int
    canary_alone: int
    baseline_alone: int | None = None
    p_value: float | None = None
    examples: tuple[Example, ...] = ()

    @property
    def name(self) -> str:
        """Part and field, as people read them."""
        return f"{self.part} {self.field}" if self.field else str(self.part)


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyResult:
    """Service times of the pairs of one endpoint, in milliseconds.

    Attributes:
        n: pairs in which both sides answered.
        production_ms, canary_ms: p50, p95 and p99; None where there are too few.
        ratio: median of canary / production over the pairs.
        interval: of that ratio.
    """

    n: int
    production_ms: tuple[float | None, float | None, float | None]
    canary_ms: tuple[float | None, float | None, float | None]
    ratio: float | None = None
    interval: Interval | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointResult:
    """What was found at one endpoint.

    Attributes:
        name: method and path template, such as "GET /users/{id}".
        pairs: compared.
        mismatched: of these, pairs that differ in a field that DIFFERS.
        fields: the most frequent first.
        latency: of both sides.
    """

    name: str
    pairs: int
    mismatched: int
    fields: tuple[FieldResult, ...]
    latency: LatencyResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Who was compared.

    Attributes:
        production, canary: URLs.
        baseline: a second instance of the production version; "" for none.
    """

    production: str
    canary: str
    baseline: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowResult:
    """What a shadow test found.

    Attributes:
        source: where the requests came from, such as "access.log" or "live traffic on :8080".
        sides: who was compared.
        started_at: with its time zone.
        duration_s: of mirroring.
        seen: requests that the source had.
        pairs: compared.
        mismatched: pairs that differ in a field that DIFFERS.
        unproven: pairs that differ in an UNPROVEN field only.
        max_mismatch_ratio: the share of mismatches that is accepted, 0..1.
        verdict: on the canary.
        reasons: sentences that the verdict rests on.
        notes: what else should be known.
        not_compared: requests by the reason why they were not compared; with the pairs they
            sum to `seen`.
        unreadable: the first lines of the source that could not be read, scrubbed.
        endpoints: those that differ most first.
    """

    source: str
    sides: Sides
    started_at: datetime
    duration_s: float
    seen: int
    pairs: int
    mismatched: int
    unproven: int
    max_mismatch_ratio: float
    verdict: CanaryVerdict
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()
    not_compared: Mapping[str, int] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()
    endpoints: tuple[EndpointResult, ...] = ()

    @property
    def mismatch_ratio(self) -> float | None:
        """Mismatched pairs ÷ pairs; None without pairs."""
        return self.mismatched / self.pairs if self.pairs else None

    @property
    def interval(self) -> Interval | None:
        """Of the mismatch ratio; None without pairs."""
        return wilson(self.mismatched, self.pairs) if self.pairs else None
