"""`canary:` of loadgen.yml; the options of `loadgen canary` go through the same model. Pure."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from loadgen.config import fields as field
from loadgen.config.gate_section import parse_margin
from loadgen.config.section import Section
from loadgen.plan import MAX_DURATION_S, MAX_RATE_RPS
from slo.policy import OnInconclusive

__all__ = ["SHORTEST_S", "CanarySection"]

SHORTEST_S = 3.0
"""Of a comparison: one second of the baseline against itself, and two of the canary."""
_SLOWEST_RPS = 0.1


class CanarySection(Section):
    """How a canary is verified."""

    canary_url: Annotated[str | None, field.target()] = Field(
        default=None, description="The canary."
    )
    production_url: Annotated[str | None, field.target()] = Field(
        default=None, description="What serves users now."
    )
    baseline_url: Annotated[str | None, field.target()] = Field(
        default=None,
        description="A fresh instance of the production version, to compare with: as cold, as "
        "small and as little loaded as the canary.",
    )
    compare_rate: Annotated[float | None, field.rate(_SLOWEST_RPS, MAX_RATE_RPS)] = Field(
        default=None, description="Requests per second to each side of the comparison."
    )
    compare_duration: Annotated[float | None, field.duration(SHORTEST_S, MAX_DURATION_S)] = Field(
        default=None, description="Of the comparison, its calibration included."
    )
    max_duration: Annotated[float | None, field.duration(SHORTEST_S, MAX_DURATION_S)] = Field(
        default=None, description="How long the comparison may take when it is extended."
    )
    on_inconclusive: Annotated[OnInconclusive | None, field.choice(OnInconclusive)] = Field(
        default=None,
        description="What follows when nothing is proven: extend the comparison, pause (exit "
        "code 3), promote (0) or fail (1).",
    )
    alpha: Annotated[
        float | None, BeforeValidator(parse_margin, json_schema_input_type=float | str)
    ] = Field(
        default=None,
        description="The chance that a canary which is no worse fails, in percent.",
    )
    margin: Annotated[
        float | None, BeforeValidator(parse_margin, json_schema_input_type=float | str)
    ] = Field(
        default=None,
        description="By how much a percentile may be larger and still be the same, in percent.",
    )
    matters: Annotated[float | None, field.number(1.01, 1000)] = Field(
        default=None,
        description="How many times slower matters: PASS says that this would have been found.",
    )
    matters_points: Annotated[float | None, field.number(0.11, 100)] = Field(
        default=None,
        description="How many percentage points more errors matter, likewise.",
    )
